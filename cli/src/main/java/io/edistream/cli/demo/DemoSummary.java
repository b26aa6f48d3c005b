package io.edistream.cli.demo;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The result of a run as a table for people. */
record DemoSummary(RunReport run, ScreenLines lines) {

    private static final double PERCENT = 100;

    void print(PrintWriter out) {
        DemoReport report = run.summary();
        out.println();
        row(out, "problems", "%d, %.0f %% right by majority", report.problems(), PERCENT * report.accuracy());
        row(out, "seconds of decoding", "%.1f with control, %.1f without", run.controlledSeconds(), run.freeSeconds());
        row(
                out,
                "sequences",
                "%d, %.0f %% right of those that ended by themselves",
                report.sequences(),
                PERCENT * report.sequenceAccuracy());
        row(out, "tokens", "%d, %.0f per second", report.tokensGenerated(), report.tokensPerSecond());
        row(out, "bursts and rebounds", "%d", report.spikes());
        row(out, "commands", "%s%s", counts(report.commands()), repeats(report.commandRepeats()));
        row(out, "outcomes", "%s", counts(report.outcomes()));
        row(out, "reaction, tokens", "%s", percentiles(report.reactionTokens(), "%.0f"));
        row(out, "reaction, ms", "%s", percentiles(report.reactionMs(), "%.1f"));
        row(out, "rejected events", "%d", report.rejected());
        row(
                out,
                "final scores",
                "%d checked against batch, %d differ",
                report.scoresChecked(),
                report.scoresMismatched());
        out.println();
        run.said().forEach(sentence -> lines.wrapped(sentence, 0).forEach(out::println));
        out.flush();
    }

    private static void row(PrintWriter out, String name, String format, Object... values) {
        out.printf(Locale.ROOT, "%-20s  %s%n", name, String.format(Locale.ROOT, format, values));
    }

    private static String counts(Map<? extends Enum<?>, Long> counts) {
        return counts.isEmpty()
                ? "none"
                : counts.entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .collect(Collectors.joining(", "));
    }

    private static String repeats(int repeats) {
        return repeats == 0 ? "" : "; sent again " + repeats + (repeats == 1 ? " time" : " times");
    }

    private static String percentiles(Percentiles percentiles, String format) {
        return percentiles.p50() == null
                ? "nothing was applied"
                : String.format(Locale.ROOT, "p50 " + format + ", p99 " + format, percentiles.p50(), percentiles.p99());
    }
}
