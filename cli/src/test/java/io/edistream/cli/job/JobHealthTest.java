package io.edistream.cli.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.http.ProcessState.Check;
import org.apache.flink.api.common.JobStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobHealthTest {

    private final JobHealth health = new JobHealth();

    private boolean isReady() {
        return health.checks().stream().allMatch(Check::holds);
    }

    @Test
    void nothingIsReadyBeforeItWasAsked() {
        assertThat(health.isAlive()).isTrue();
        assertThat(health.checks())
                .extracting(Check::reason)
                .containsExactly("the job is being started", "Kafka has not been asked yet");
        health.onStatus(JobStatus.RUNNING);
        assertThat(isReady()).isFalse();
        health.onKafka(true);
        assertThat(isReady()).isTrue();
        health.onKafka(false);
        assertThat(isReady()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"RESTARTING,true", "FAILING,true", "FAILED,false", "CANCELED,false", "FINISHED,false"})
    void aJobThatDoesNotRunIsNotReadyAndOneThatIsOverDoesNotLive(JobStatus status, boolean alive) {
        health.onKafka(true);
        health.onStatus(status);
        assertThat(isReady()).isFalse();
        assertThat(health.isAlive()).isEqualTo(alive);
        assertThat(health.checks().get(0).reason()).isEqualTo("the job is " + status);
    }
}
