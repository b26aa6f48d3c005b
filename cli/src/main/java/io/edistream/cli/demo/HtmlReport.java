package io.edistream.cli.demo;

import static io.edistream.console.SafeText.forHtml;

import io.edistream.cli.problems.WordProblem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A run as one page that needs nothing besides itself: no script, no network, a policy that allows neither. Every text
 * that comes from outside goes through {@link io.edistream.console.SafeText}.
 */
final class HtmlReport {

    private static final String STYLE = style();

    private final RunReport run;
    private final StringBuilder page = new StringBuilder();

    private HtmlReport(RunReport run) {
        this.run = run;
    }

    static String of(RunReport run) {
        return new HtmlReport(run).page();
    }

    private String page() {
        line("<!DOCTYPE html>");
        line("<html lang=\"en\"><head><meta charset=\"utf-8\"/>");
        line(
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-%s'\"/>",
                hash());
        line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>");
        line(
                "<title>Edistream: %d problems with and without control</title>",
                run.problems().size());
        page.append("<style>").append(STYLE).append("</style></head><body>\n");
        head();
        verdict();
        commands();
        for (int problem = 1; problem <= run.problems().size(); problem++) {
            problem(problem, run.problems().get(problem - 1));
        }
        footer();
        line("</body></html>");
        return page.toString();
    }

    private void head() {
        line("<h1>%d problems, with control and without</h1>", run.problems().size());
        line(
                "<p class=\"faint\">%s solved word problems, %d times each, at temperature %s; seed %d. Edistream %s.%s</p>",
                forHtml(run.model()),
                run.options().samples(),
                run.options().temperature(),
                run.options().seed(),
                forHtml(run.version()),
                run.state().equals("complete")
                        ? ""
                        : " <b>This run is " + forHtml(run.state()) + ": it tells what is known of it.</b>");
        line(
                "<p>A language model wrote token by token. Its <b>entropy</b> says how unsure it was of each next token, in"
                        + " <b>nats</b> (0: certain; 0.7: two tokens equally likely). A <b>burst</b> is a rise of it over the last 8"
                        + " tokens, a <b>rebound</b> one over its lowest value so far. <b>EDIS</b> counts both, weighted by the"
                        + " variance. A Flink job read the entropies while the model wrote; its <b>armed</b> rules, which act and do"
                        + " not only report, aborted a sequence when EDIS rose above "
                        + run.options().abortLimit() + " and branched one when a token had more than "
                        + run.options().branchLimitNats() + " nats.</p>");
    }

    private void verdict() {
        line("<section class=\"verdict\">");
        if (run.said().isEmpty()) {
            line("<p>There is no verdict: one of the arms has not ended.</p>");
        }
        run.said().forEach(sentence -> line("<p>%s</p>", forHtml(sentence)));
        line("</section>");
        Verdict verdict = run.verdict();
        if (verdict != null) {
            line("<h2>How often right, without control</h2>");
            page.append(ReportPlots.intervals(
                    List.of("stopped", "left alone"), List.of(verdict.stoppedRight(), verdict.keptRight())));
            line(
                    "<p class=\"faint\">The same samples, run to their ends without control; bars are 95 % intervals.</p>");
        }
    }

    private void commands() {
        List<RunReport.Sequence> stopped = run.sequences().stream()
                .filter(sequence -> sequence.outcome().equals("aborted"))
                .toList();
        line("<h2>What was cut off</h2>");
        if (stopped.isEmpty()) {
            line("<p>Nothing.</p>");
        }
        stopped.forEach(this::sequence);
    }

    private void problem(int number, WordProblem problem) {
        line("<h2>Problem %d of %d</h2>", number, run.problems().size());
        line("<p class=\"said\">%s</p>", forHtml(problem.prompt()));
        line(
                "<p>The right answer is <b>%d</b> (%s, %d steps).</p>",
                problem.answer(), forHtml(problem.level()), problem.steps());
        line("<details><summary>Its sequences with control</summary>");
        run.sequences().stream()
                .filter(sequence ->
                        sequence.problem() == number && !sequence.outcome().equals("aborted"))
                .forEach(this::sequence);
        line("</details><details><summary>Its sequences without control</summary>");
        run.free().stream().filter(free -> free.problem() == number).forEach(free -> {
            line(
                    "<article><header><span class=\"badge %s\">%s</span><span>%d tokens</span><span>%s</span></header>",
                    free.right() ? "right" : "wrong",
                    free.right() ? "right" : "wrong",
                    free.tokens(),
                    answer(free.answer()));
            page.append(ReportPlots.trace(free.entropies(), List.of(), List.of()));
            line("<p class=\"said\">%s</p></article>", forHtml(free.text()));
        });
        line("</details>");
    }

    private void sequence(RunReport.Sequence sequence) {
        line(
                "<article><header><span class=\"badge %s\">%s</span><span>#%d, problem %d%s</span><span>%d tokens</span>"
                        + "<span>EDIS %s</span><span>%s</span></header>",
                sequence.outcome().replace(" ", "").replaceAll("[^a-z]", ""),
                forHtml(sequence.outcome()),
                sequence.sequence(),
                sequence.problem(),
                sequence.parent() == null
                        ? ""
                        : ", branch of #" + sequence.parent() + " from token " + sequence.forkToken(),
                sequence.tokens(),
                sequence.edis() == null ? "none" : String.format(Locale.ROOT, "%.2f", sequence.edis()),
                truth(sequence));
        page.append(ReportPlots.trace(sequence.entropies(), sequence.marks(), sequence.commands()));
        RunReport.Decision ending = sequence.commands().stream()
                .filter(command -> command.action().equals("ABORT") && "APPLIED".equals(command.outcome()))
                .findFirst()
                .orElse(null);
        if (ending == null) {
            line("<p class=\"said\">%s</p>", forHtml(sequence.text()));
        } else {
            line(
                    "<p class=\"said\">%s<mark>%s</mark><s>%s</s></p>",
                    forHtml(ending.before()), forHtml(ending.token()), forHtml(ending.after()));
        }
        sequence.commands()
                .forEach(command -> line(
                        "<p class=\"faint\">%s, %s: %s</p>",
                        forHtml(command.action()),
                        forHtml(command.outcome() == null ? "outcome unknown" : command.outcome()),
                        forHtml(command.reason())));
        line("</article>");
    }

    private String truth(RunReport.Sequence sequence) {
        String right = sequence.problem() >= 1
                        && sequence.problem() <= run.problems().size()
                ? ", right is " + run.problems().get(sequence.problem() - 1).answer()
                : "";
        if (!sequence.outcome().equals("aborted")) {
            return answer(sequence.answer()) + (sequence.outcome().equals("wrong") ? right : "");
        }
        if (sequence.rightWithoutControl() == null) {
            return sequence.parent() == null
                    ? "not known what it would have been"
                    : "a branch: it has no twin without control";
        }
        return (sequence.rightWithoutControl()
                        ? "<b class=\"wrong\">it would have been right</b>"
                        : "<b class=\"right\">it would have been wrong</b>")
                + " after " + sequence.tokensWithoutControl() + " tokens";
    }

    private static String answer(@Nullable String answer) {
        return answer == null ? "no answer" : "says " + forHtml(answer);
    }

    private void footer() {
        DemoReport summary = run.summary();
        line("<h2>The run</h2><table>");
        row("state", run.state());
        row(
                "machine",
                run.machine().os() + ", " + run.machine().architecture() + ", "
                        + run.machine().processors() + " processors, Java "
                        + run.machine().java());
        row(
                "seconds of decoding",
                String.format(
                        Locale.ROOT, "%.1f with control, %.1f without", run.controlledSeconds(), run.freeSeconds()));
        row("commands", summary.commands().toString());
        row("outcomes", summary.outcomes().toString());
        row("reaction, tokens", summary.reactionTokens().toString());
        row("reaction, ms", summary.reactionMs().toString());
        row(
                "final scores",
                summary.scoresChecked() + " checked against batch, " + summary.scoresMismatched() + " differ");
        line("</table>");
    }

    private void row(String name, String value) {
        line("<tr><th>%s</th><td>%s</td></tr>", forHtml(name), forHtml(value));
    }

    private void line(String format, @Nullable Object... values) {
        page.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values))
                .append('\n');
    }

    private static String style() {
        try (InputStream in = Objects.requireNonNull(HtmlReport.class.getResourceAsStream("report.css"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("report.css could not be read", e);
        }
    }

    private static String hash() {
        try {
            return Base64.getEncoder()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(STYLE.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
