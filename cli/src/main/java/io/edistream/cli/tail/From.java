package io.edistream.cli.tail;

import io.edistream.cli.UserError;
import io.edistream.console.topics.Beginning;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import org.apache.flink.util.TimeUtils;

/** What somebody typed after {@code --from}. */
public final class From {

    private From() {}

    /**
     * Reads {@code earliest}, {@code latest}, how long ago ({@code 10min}) or an instant ({@code 2026-01-31T12:00:00Z}).
     *
     * @throws UserError if it is neither
     */
    public static Beginning parse(String text, Instant now) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.equals("earliest")) {
            return Beginning.EARLIEST;
        }
        if (lower.equals("latest")) {
            return Beginning.LATEST;
        }
        try {
            if (text.contains("T") && !text.startsWith("P")) {
                return Beginning.at(Instant.parse(text).toEpochMilli());
            }
            Duration ago = TimeUtils.parseDuration(lower);
            if (!ago.isNegative()) {
                return Beginning.at(now.minus(ago).toEpochMilli());
            }
        } catch (DateTimeParseException | IllegalArgumentException | ArithmeticException e) {
            // Said below, with what is allowed.
        }
        throw UserError.wrongRequest("--from '" + text
                + "': must be earliest, latest, how long ago (for instance 10min) or an instant in UTC (for instance"
                + " 2026-01-31T12:00:00Z)");
    }
}
