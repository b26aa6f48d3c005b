package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.signals.Scoring;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Each bound, on both sides of it. */
class WatchSettingsTest {

    private static final WatchSettings DEFAULT = WatchSettings.DEFAULT;
    private static final Duration YEAR = Duration.ofDays(365);
    private static final Duration MILLI = Duration.ofMillis(1);

    private static void assertRefused(Runnable making, String message) {
        assertThatIllegalArgumentException().isThrownBy(making::run).withMessage(message);
    }

    @Test
    void numbersAreAtLeastOne() {
        assertThat(DEFAULT.withScoreInterval(1).withBounds(1, 1, 1))
                .isEqualTo(new WatchSettings(
                        Scoring.DEFAULT, DEFAULT.rules(), 1, Duration.ofMinutes(10), Duration.ofDays(1), 1, 1, 1));
        assertRefused(() -> DEFAULT.withScoreInterval(0), "score interval in tokens 0: must be at least 1");
        assertRefused(() -> DEFAULT.withBounds(0, 1, 1), "live sequences per source 0: must be at least 1");
        assertRefused(() -> DEFAULT.withBounds(1, 0, 1), "live sequences per task 0: must be at least 1");
        assertRefused(() -> DEFAULT.withBounds(1, 1, 0), "sources per task 0: must be at least 1");
    }

    @Test
    void timesHaveTwoBounds() {
        assertThat(DEFAULT.withIdleTimeout(Duration.ofMillis(4)).idleTimeout()).isEqualTo(Duration.ofMillis(4));
        assertThat(DEFAULT.withRetention(YEAR).withIdleTimeout(YEAR).idleTimeout())
                .isEqualTo(YEAR);
        assertThat(DEFAULT.withRetention(DEFAULT.idleTimeout()).retention()).isEqualTo(DEFAULT.idleTimeout());
        assertRefused(
                () -> DEFAULT.withIdleTimeout(Duration.ofMillis(3)),
                "idle timeout PT0.003S: must be PT0.004S to PT8760H");
        assertRefused(
                () -> DEFAULT.withIdleTimeout(YEAR.plus(MILLI)),
                "idle timeout PT8760H0.001S: must be PT0.004S to PT8760H");
        assertRefused(
                () -> DEFAULT.withRetention(DEFAULT.idleTimeout().minus(MILLI)),
                "retention PT9M59.999S: must be PT10M to PT8760H");
        assertRefused(
                () -> DEFAULT.withRetention(YEAR.plus(MILLI)), "retention PT8760H0.001S: must be PT10M to PT8760H");
    }
}
