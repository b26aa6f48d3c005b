package io.edistream.cli.status;

import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.RuleInForce;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** A report for one screen of 80 columns, without colours. What was not measured is unknown, not zero. */
final class StatusText {

    private static final int COLUMNS = 80;
    private static final int LABEL = 10;
    private static final String UNKNOWN = "unknown";

    /** Sources and partitions that one screen has room for. */
    private static final int MAX_SHOWN = 5;

    private final Report report;
    private final List<String> lines = new ArrayList<>();

    private StatusText(Report report) {
        this.report = report;
    }

    /** The lines of a report, its problems last. */
    static List<String> lines(Report report) {
        StatusText text = new StatusText(report);
        text.topics();
        text.sources();
        text.jobs();
        text.counts();
        text.problems();
        return List.copyOf(text.lines);
    }

    private void topics() {
        int required = report.topics().required().size();
        int there = required - report.missing().size() - report.hidden().size();
        say(
                "kafka",
                report.servers()
                        + String.format(
                                Locale.ROOT,
                                ", listened for %.1f s",
                                report.heard().seconds()));
        say(
                "topics",
                there + " of " + required + " required"
                        + (report.hidden().isEmpty()
                                ? ""
                                : ", " + report.hidden().size() + " " + UNKNOWN)
                        + (report.unguarded().isEmpty()
                                ? ""
                                : ", " + report.unguarded().size() + " unguarded"));
    }

    private void sources() {
        Map<String, Source> sources = report.heard().traffic().sources();
        if (!report.isKnown(report.topics().tokenEntropy())) {
            say("sources", UNKNOWN);
            return;
        }
        say("sources", sources.isEmpty() ? "none published" : sources.size() + " published");
        sources.entrySet().stream()
                .sorted(Comparator.comparing(
                        (Map.Entry<String, Source> entry) -> -entry.getValue().tokens()))
                .limit(MAX_SHOWN)
                .forEach(entry -> {
                    Source source = entry.getValue();
                    say(
                            "",
                            String.format(
                                    Locale.ROOT,
                                    "%s %.0f tokens/s, %d live: model %s, route %s, by %s%s",
                                    entry.getKey(),
                                    report.perSecond(source.tokens()),
                                    source.live(),
                                    names(source.models()),
                                    names(source.routes()),
                                    names(source.engines()),
                                    measured(source)));
                });
        if (sources.size() > MAX_SHOWN) {
            say("", "and " + (sources.size() - MAX_SHOWN) + " more with fewer tokens");
        }
    }

    /** Nothing where all is measured, or there is nothing to measure. */
    private static String measured(Source source) {
        return source.measured() >= source.tokens()
                ? ""
                : String.format(Locale.ROOT, ", %.0f %% measured", 100.0 * source.measured() / source.tokens())
                        + source.unmeasured().entrySet().stream()
                                .map(reason -> reason.getKey() + " " + reason.getValue())
                                .collect(Collectors.joining(", ", " (", ")"));
    }

    private static String names(Collection<String> names) {
        return names.isEmpty() ? UNKNOWN : names.stream().map(Names::shortened).collect(Collectors.joining(", "));
    }

    private void jobs() {
        if (!report.isKnown(report.topics().control())) {
            say("jobs", UNKNOWN);
            return;
        }
        Map<String, Job> running = report.running();
        say("jobs", running.isEmpty() ? "none" : String.valueOf(running.size()));
        running.forEach((id, job) -> {
            Heartbeat beat = job.newest();
            say(
                    "",
                    Report.name(id, beat)
                            + String.format(
                                    Locale.ROOT,
                                    ", release %s, heartbeat %.1f s ago, %d of %d tasks",
                                    beat.getRelease().isEmpty() ? UNKNOWN : Names.shortened(beat.getRelease()),
                                    report.ageSeconds(job),
                                    job.tasksHeard(),
                                    beat.getTasks()));
            say("", "  rules: " + rules(beat) + (beat.getKillSwitch() ? "; KILL SWITCH ON, nothing acts" : ""));
            say("", "  lag: " + lag(job));
        });
    }

    private static String rules(Heartbeat beat) {
        return beat.getModes().isEmpty()
                ? "none"
                : beat.getModes().stream().map(StatusText::rule).collect(Collectors.joining(", "));
    }

    private static String rule(RuleInForce rule) {
        return Names.shortened(rule.getRule()) + ":" + rule.getRevision() + " " + rule.getMode();
    }

    private String lag(Job job) {
        Map<Integer, OptionalLong> lag = report.lag(job);
        if (lag.isEmpty()) {
            return UNKNOWN;
        }
        long unknown = lag.values().stream().filter(OptionalLong::isEmpty).count();
        String behind = lag.entrySet().stream()
                .filter(partition -> partition.getValue().orElse(0) > 0)
                .sorted(Comparator.comparing((Map.Entry<Integer, OptionalLong> partition) ->
                        -partition.getValue().orElse(0)))
                .limit(MAX_SHOWN)
                .map(partition ->
                        partition.getKey() + ": " + partition.getValue().orElse(0))
                .collect(Collectors.joining(", "));
        if (unknown == lag.size()) {
            return UNKNOWN;
        }
        return report.knownLag(job) + " records" + (behind.isEmpty() ? "" : " (by partition " + behind + ")")
                + (unknown == 0 ? "" : ", " + unknown + " partitions " + UNKNOWN);
    }

    private void counts() {
        Traffic traffic = report.heard().traffic();
        say(
                "scores",
                report.isKnown(report.topics().scores())
                        ? String.format(
                                Locale.ROOT,
                                "%.1f/s running, %.1f/s final",
                                report.perSecond(traffic.runningScores()),
                                report.perSecond(traffic.finalScores()))
                        : UNKNOWN);
        say("commands", counts(report.topics().control(), traffic.commands()));
        say("outcomes", counts(report.topics().controlOutcomes(), traffic.outcomes()));
        if (!traffic.continued().isEmpty()) {
            say("continued", counts(report.topics().tokenEntropy(), traffic.continued()));
        }
        say("rejected", counts(report.topics().rejected(), traffic.rejected()));
        say(
                "lost",
                (report.isKnown(report.topics().tokenEntropy())
                                ? report.missingRecords() + " records of sources"
                                : UNKNOWN + " records of sources")
                        + ", "
                        + (report.isKnown(report.topics().scores())
                                ? traffic.missingTokens() + " tokens of sequences that ended"
                                : UNKNOWN + " tokens"));
        if (report.heard().unread() > 0) {
            say("note", report.heard().unread() + " records came faster than they could be read; rates are too low");
        }
        if (traffic.furtherSteps() > 0) {
            say("note", traffic.furtherSteps() + " records of sources beyond the " + Traffic.MAX_SOURCES + "th");
        }
    }

    private String counts(String topic, Map<String, Long> counts) {
        if (!report.isKnown(topic)) {
            return UNKNOWN;
        }
        return counts.isEmpty()
                ? "none"
                : counts.entrySet().stream()
                        .map(count -> count.getKey() + " " + count.getValue())
                        .collect(Collectors.joining(", "));
    }

    private void problems() {
        List<String> problems = report.problems();
        lines.add("");
        if (problems.isEmpty()) {
            lines.add("all is well");
            return;
        }
        problems.forEach(problem -> say("WRONG", problem));
    }

    private void say(String label, String text) {
        String begin = label + " ".repeat(Math.max(1, LABEL - label.length()));
        String indentation =
                " ".repeat(LABEL + (text.length() - text.stripLeading().length()));
        StringBuilder line = new StringBuilder(begin + " ".repeat(indentation.length() - LABEL));
        boolean first = true;
        for (String word : text.strip().split(" ", -1)) {
            if (!first && line.length() + 1 + word.length() > COLUMNS) {
                lines.add(line.toString().stripTrailing());
                line = new StringBuilder(indentation);
                first = true;
            }
            line.append(first ? "" : " ").append(word);
            first = false;
        }
        lines.add(line.toString());
    }
}
