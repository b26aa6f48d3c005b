package io.edistream.cli.job;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Knows since when brokers do not answer. */
final class Outage {

    private static final double NANOS_PER_SECOND = 1e9;

    private @Nullable Long sinceNanos;

    /**
     * They were asked.
     *
     * @param answered whether they answered
     * @param nowNanos by a clock that only goes forward
     * @return what is to be said: that they are gone, or back
     */
    Optional<String> onQuestion(boolean answered, long nowNanos) {
        Long since = sinceNanos;
        if (!answered && since == null) {
            sinceNanos = nowNanos;
            return Optional.of("Kafka does not answer; the job waits for it, and commands of now come late or never");
        }
        if (answered && since != null) {
            sinceNanos = null;
            return Optional.of(String.format(
                    Locale.ROOT, "Kafka answers again, after %.0f s", (nowNanos - since) / NANOS_PER_SECOND));
        }
        return Optional.empty();
    }
}
