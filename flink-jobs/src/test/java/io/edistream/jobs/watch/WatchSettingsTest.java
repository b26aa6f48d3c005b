package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Threshold;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WatchSettingsTest {

    private static final WatchSettings SETTINGS = WatchSettings.DEFAULT;
    private static final Duration DAY = Duration.ofDays(1);

    static Stream<Arguments> outside() {
        return Stream.of(
                bad("interval", () -> SETTINGS.withScoreInterval(0), "score interval in tokens 0: must be at least 1"),
                bad(
                        "idle",
                        () -> SETTINGS.withIdleTimeout(Duration.ofMillis(3)),
                        "idle timeout PT0.003S: must be PT0.004S"),
                bad("negative idle", () -> SETTINGS.withIdleTimeout(DAY.negated()), "idle timeout"),
                bad("retention", () -> SETTINGS.withRetention(Duration.ofMinutes(9)), "retention PT9M: must be PT10M"),
                bad("years", () -> SETTINGS.withRetention(Duration.ofDays(366)), "retention PT8784H: must be"),
                bad("years of idle", () -> SETTINGS.withIdleTimeout(Duration.ofDays(366)), "to PT8760H"),
                bad(
                        "per source",
                        () -> SETTINGS.withBounds(0, 1, 1),
                        "live sequences per source 0: must be at least 1"),
                bad("per task", () -> SETTINGS.withBounds(1, 0, 1), "live sequences per task 0: must be at least 1"),
                bad("sources", () -> SETTINGS.withBounds(1, 1, 0), "sources per task 0: must be at least 1"));
    }

    @ParameterizedTest
    @MethodSource("outside")
    void isRefusedWithTheBound(Runnable refused, String message) {
        assertThatIllegalArgumentException().isThrownBy(refused::run).withMessageContaining(message);
    }

    @Test
    void theBoundsThemselvesAreAllowed() {
        assertThatNoException().isThrownBy(() -> {
            var unused = new Object[] {
                SETTINGS.withScoreInterval(1)
                        .withIdleTimeout(Duration.ofMillis(4))
                        .withBounds(1, 1, 1),
                SETTINGS.withRetention(SETTINGS.idleTimeout()),
                SETTINGS.withRetention(Duration.ofDays(365)).withIdleTimeout(Duration.ofDays(365))
            };
        });
    }

    @Test
    void eachShortFormChangesOneThing() {
        Scoring scoring = Scoring.DEFAULT.withTrackedClass("digit");
        Rules rules = Rules.of(
                Threshold.above(new RuleKey("r", 1), LimitScope.ofModels("m"), "edis", 1, new Act.Prune()),
                Mode.SHADOW);
        assertThat(WatchSettings.of(scoring, rules)
                        .withScoreInterval(3)
                        .withIdleTimeout(Duration.ofSeconds(5))
                        .withRetention(Duration.ofHours(6))
                        .withBounds(7, 8, 9))
                .isEqualTo(new WatchSettings(scoring, rules, 3, Duration.ofSeconds(5), Duration.ofHours(6), 7, 8, 9));
        assertThat(SETTINGS)
                .isEqualTo(new WatchSettings(
                        Scoring.DEFAULT, Rules.NONE, 16, Duration.ofMinutes(10), DAY, 131_072, 1_000_000, 100_000));
    }

    private static Arguments bad(String what, Runnable refused, String message) {
        return Arguments.of(Named.of(what, refused), message);
    }
}
