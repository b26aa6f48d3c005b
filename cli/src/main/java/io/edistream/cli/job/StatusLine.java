package io.edistream.cli.job;

import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a job does, on one line. What no task has measured yet is unknown.
 *
 * @param tokens taken in since the start
 * @param live sequences that are watched
 * @param lag records of token-entropy that were not read yet
 * @param commands sent since the start
 * @param missingRecords records of sources that never came
 * @param missingTokens tokens of sequences that never came
 * @param rejected events that could not be used
 * @param dropped scores, spikes, heartbeats and rejections that Kafka did not take in time
 */
record StatusLine(
        OptionalLong tokens,
        OptionalLong live,
        OptionalLong lag,
        OptionalLong commands,
        OptionalLong missingRecords,
        OptionalLong missingTokens,
        OptionalLong rejected,
        OptionalLong dropped) {

    static StatusLine of(JobNumbers numbers) {
        return new StatusLine(
                numbers.counted("tokens_total"),
                numbers.shown("live_sequences"),
                numbers.shown("pendingRecords"),
                numbers.counted("commands_total"),
                numbers.counted("missing_records_total"),
                numbers.counted("missing_tokens_total"),
                numbers.counted("rejected_total"),
                numbers.counted("telemetry_dropped_total"));
    }

    /**
     * The line.
     *
     * @param earlier what was before; null at first
     * @param seconds since then
     */
    String text(@Nullable StatusLine earlier, double seconds) {
        String rate = earlier == null || earlier.tokens.isEmpty() || tokens.isEmpty()
                ? "unknown"
                : String.format(Locale.ROOT, "%.0f", (tokens.getAsLong() - earlier.tokens.getAsLong()) / seconds);
        return rate + " tokens/s, " + shown(live) + " live, lag " + shown(lag) + " records, " + shown(commands)
                + " commands, lost " + shown(missingRecords) + " records and " + shown(missingTokens) + " tokens, "
                + shown(rejected) + " rejected, " + shown(dropped) + " dropped";
    }

    /** What got lost since an earlier line, in a sentence; empty if nothing did. */
    String losses(StatusLine earlier) {
        StringBuilder losses = new StringBuilder();
        add(losses, earlier.missingRecords, missingRecords, "records of sources never came");
        add(losses, earlier.missingTokens, missingTokens, "tokens never came");
        add(losses, earlier.rejected, rejected, "events were rejected (edistream tail rejected says why)");
        add(losses, earlier.dropped, dropped, "records of telemetry were dropped");
        return losses.toString();
    }

    private static void add(StringBuilder to, OptionalLong before, OptionalLong now, String what) {
        long more = now.orElse(0) - before.orElse(0);
        if (more > 0) {
            to.append(to.isEmpty() ? "" : ", ").append(more).append(' ').append(what);
        }
    }

    private static String shown(OptionalLong number) {
        return number.isPresent() ? String.valueOf(number.getAsLong()) : "unknown";
    }
}
