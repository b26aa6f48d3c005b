package io.edistream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RuntimeOptionsTest {

    /** By the keys that Flink documents, since what they say is what the job promises. */
    @Test
    void setsWhatTheGuaranteesRestOn() {
        Map<String, String> settings = RuntimeOptions.DEFAULT.configuration().toMap();

        assertThat(settings)
                .containsEntry("execution.checkpointing.mode", "EXACTLY_ONCE")
                .containsEntry("execution.checkpointing.unaligned.enabled", "false")
                .containsEntry("execution.checkpointing.interval", "10 s")
                .containsEntry("execution.checkpointing.tolerable-failed-checkpoints", "5")
                .containsEntry("execution.buffer-timeout.interval", "0 ms")
                .containsEntry("pipeline.generic-types", "false")
                .containsEntry("pipeline.max-parallelism", "720")
                .containsEntry("parallelism.default", "1")
                .doesNotContainKeys("execution.checkpointing.dir", "execution.checkpointing.storage");
    }

    @Test
    void aDirectoryHoldsCheckpointsThatOutliveTheJob() {
        assertThat(new RuntimeOptions(1, Duration.ofSeconds(10), Optional.of(URI.create("file:///checkpoints")))
                        .configuration()
                        .toMap())
                .containsEntry("execution.checkpointing.storage", "filesystem")
                .containsEntry("execution.checkpointing.dir", "file:///checkpoints")
                .containsEntry("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
    }

    @Test
    void parallelismEndsAt720() {
        assertThat(options(720, 10).parallelism()).isEqualTo(720);
        assertThatThrownBy(() -> options(721, 10)).hasMessage("parallelism 721: must be 1 to 720");
        assertThatThrownBy(() -> options(0, 10)).hasMessage("parallelism 0: must be 1 to 720");
    }

    @Test
    void checkpointsAreAtLeast10MillisecondsApart() {
        assertThat(options(1, 10).checkpointInterval()).hasMillis(10);
        assertThatThrownBy(() -> options(1, 9)).hasMessage("checkpoint interval PT0.009S: must be at least PT0.01S");
    }

    private static RuntimeOptions options(int parallelism, long intervalMillis) {
        return new RuntimeOptions(parallelism, Duration.ofMillis(intervalMillis), Optional.empty());
    }
}
