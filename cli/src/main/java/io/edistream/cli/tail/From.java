package io.edistream.cli.tail;

import io.edistream.cli.UserError;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.OptionalLong;
import org.apache.flink.util.TimeUtils;

/**
 * Where to begin to read.
 *
 * @param place the beginning, the end, or a time
 * @param epochMillis the time by the stamps of the records, of {@link Place#TIME} alone
 */
record From(Place place, OptionalLong epochMillis) {

    /** Kinds of beginnings. */
    enum Place {
        /** At the first record that is kept. */
        EARLIEST,
        /** At records that are yet to come. */
        LATEST,
        /** At the first record of that time or later. */
        TIME
    }

    static final From EARLIEST = new From(Place.EARLIEST, OptionalLong.empty());
    static final From LATEST = new From(Place.LATEST, OptionalLong.empty());

    /**
     * What somebody typed: {@code earliest}, {@code latest}, how long ago ({@code 10min}) or an instant
     * ({@code 2026-01-31T12:00:00Z}).
     *
     * @throws UserError if it is neither
     */
    static From parse(String text, Instant now) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.equals("earliest")) {
            return EARLIEST;
        }
        if (lower.equals("latest")) {
            return LATEST;
        }
        try {
            if (text.contains("T") && !text.startsWith("P")) {
                return at(Instant.parse(text));
            }
            Duration ago = TimeUtils.parseDuration(lower);
            if (!ago.isNegative()) {
                return at(now.minus(ago));
            }
        } catch (DateTimeParseException | IllegalArgumentException | ArithmeticException e) {
            // Said below, with what is allowed.
        }
        throw UserError.wrongRequest("--from '" + text
                + "': must be earliest, latest, how long ago (for instance 10min) or an instant in UTC (for instance"
                + " 2026-01-31T12:00:00Z)");
    }

    private static From at(Instant time) {
        return new From(Place.TIME, OptionalLong.of(Math.max(0, time.toEpochMilli())));
    }
}
