package io.edistream.jobs.sequences;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SequenceSettingsTest {

    private static final Duration YEAR = Duration.ofDays(365);
    private static final Duration MORE = YEAR.plusNanos(1);

    @Test
    void idleTimeoutsGoFromAMillisecondToAYear() {
        assertThat(settings(16, Duration.ofMillis(1), Duration.ZERO).idleTimeout())
                .hasMillis(1);
        assertThat(settings(16, YEAR, Duration.ZERO).idleTimeout()).isEqualTo(YEAR);
        assertThatThrownBy(() -> settings(16, Duration.ofNanos(999_999), Duration.ZERO))
                .hasMessage("idle timeout PT0.000999999S: must be PT0.001S to PT8760H");
        assertThatThrownBy(() -> settings(16, MORE, Duration.ZERO))
                .hasMessage("idle timeout PT8760H0.000000001S: must be PT0.001S to PT8760H");
    }

    @Test
    void finishedMemoriesGoFromNothingToAYear() {
        Duration idle = SequenceSettings.DEFAULT_IDLE_TIMEOUT;
        assertThat(settings(16, idle, Duration.ZERO).finishedMemory()).isZero();
        assertThat(settings(16, idle, YEAR).finishedMemory()).isEqualTo(YEAR);
        assertThatThrownBy(() -> settings(16, idle, Duration.ofNanos(-1)))
                .hasMessageContaining("finished memory PT-0.000000001S: must be PT0S to PT8760H");
        assertThatThrownBy(() -> settings(16, idle, MORE)).hasMessageContaining("must be PT0S to PT8760H");
    }

    @Test
    void scoreIntervalsAreAtLeastOneToken() {
        assertThat(settings(1, YEAR, YEAR).scoreIntervalTokens()).isEqualTo(1);
        assertThatThrownBy(() -> settings(0, YEAR, YEAR)).hasMessage("score interval of 0 tokens: must be at least 1");
    }

    private static SequenceSettings settings(int interval, Duration idle, Duration memory) {
        return new SequenceSettings(SequenceHarness.POLICY, interval, idle, memory);
    }
}
