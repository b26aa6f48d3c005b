package io.edistream.jobs.telemetry;

import java.time.Clock;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Says when records of a topic cease to get through, and when they do again: one line each, however many records it is
 * about. Others only note what happened; {@link #report} writes the lines, on a thread that may wait for a log.
 */
final class Troubles {

    /** Time without trouble after which it counts as over; longer than a broker that takes a record now and then needs. */
    private static final long QUIET_MILLIS = 1_000;

    private final String topic;
    private final Clock clock;
    private final Consumer<String> begins;
    private final Consumer<String> ends;

    private final Map<RecordKind, Long> dropped = new EnumMap<>(RecordKind.class);
    private final Set<Failure> told = EnumSet.noneOf(Failure.class);
    private @Nullable Failure untold;
    private String detail = "";
    private boolean finalsLost;
    private boolean finalsLossTold;
    private boolean on;
    private boolean gotThrough;
    private long sinceMillis;
    private long lastMillis;

    /**
     * @param begins takes lines of trouble
     * @param ends takes lines of its end
     */
    Troubles(String topic, Clock clock, Consumer<String> begins, Consumer<String> ends) {
        this.topic = topic;
        this.clock = clock;
        this.begins = begins;
        this.ends = ends;
    }

    /** A record was dropped. */
    synchronized void dropped(RecordKind kind) {
        happened();
        dropped.merge(kind, 1L, Long::sum);
        finalsLost |= kind.kept();
    }

    /** A record was dropped because there was no room. */
    synchronized void full(RecordKind kind) {
        dropped(kind);
        if (told.isEmpty() && untold == null) {
            untold = Failure.FULL;
        }
    }

    /** Sending failed. */
    synchronized void failed(Failure failure, Throwable thrown) {
        happened();
        if (!told.contains(failure)) {
            untold = failure;
            detail = switch (failure) {
                case BROKEN, UNREACHABLE, UNWRITABLE -> " (" + message(thrown) + ")";
                case FULL, MISSING, FORBIDDEN, LOGIN, RECORD -> "";
            };
        }
    }

    /** Kafka acknowledged a record. */
    synchronized void succeeded() {
        gotThrough = true;
    }

    /**
     * Writes what is to be said by now.
     *
     * @param relaxed whether little waits
     */
    void report(boolean relaxed) {
        String beginning = beginning();
        if (beginning != null) {
            begins.accept(beginning);
        }
        String end = end(relaxed);
        if (end != null) {
            ends.accept(end);
        }
    }

    private synchronized @Nullable String beginning() {
        StringJoiner lines = new StringJoiner("; ");
        if (untold != null && told.add(untold)) {
            lines.add("topic " + topic + (untold == Failure.FULL ? ": " : " ") + untold.sentence() + detail);
        }
        untold = null;
        if (finalsLost && !finalsLossTold) {
            finalsLossTold = true;
            lines.add("topic " + topic + ": final scores are dropped, since no more of them may wait");
        }
        return lines.length() == 0 ? null : lines.toString();
    }

    private synchronized @Nullable String end(boolean relaxed) {
        if (!on || !gotThrough || !relaxed || clock.millis() - lastMillis < QUIET_MILLIS) {
            return null;
        }
        StringJoiner counts = new StringJoiner(", ");
        dropped.forEach((kind, count) -> counts.add(String.format(Locale.ROOT, "%,d %s", count, kind.plural())));
        String line = String.format(
                Locale.ROOT,
                "topic %s: %s dropped within %,d s, records get through again",
                topic,
                dropped.isEmpty() ? "nothing" : counts.toString(),
                (lastMillis - sinceMillis + 999) / 1000);
        on = false;
        dropped.clear();
        told.clear();
        finalsLost = false;
        finalsLossTold = false;
        return line;
    }

    private void happened() {
        lastMillis = clock.millis();
        if (!on) {
            on = true;
            sinceMillis = lastMillis;
        }
        gotThrough = false;
    }

    /** What lies at the bottom; above it Kafka only says that it failed to make one thing or another. */
    private static String message(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }
}
