package io.edistream.cli.demo;

import io.edistream.cli.EntropyTrace;
import io.edistream.cli.Style;
import io.edistream.cli.problems.WordProblem;
import io.edistream.console.SafeText;
import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.OutcomeKind;
import io.edistream.schemas.SequenceFinish;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the screen says, in lines that fit: about sequences, commands and the words that it uses. */
final class ScreenLines {

    private static final int INDENT = 6;

    /** All columns but the trace and the text. */
    private static final int FIXED = 42;

    private static final int NARROWEST_TRACE = 8;

    /** The last words before a command. */
    private static final int MOST_WORDS = 160;

    private final int columns;
    private final Style style;
    private final List<WordProblem> problems;
    private final String limit;
    private final EntropyTrace trace;
    private final int textColumns;

    ScreenLines(int columns, Style style, List<WordProblem> problems, double abortLimit) {
        this.columns = columns;
        this.style = style;
        this.problems = List.copyOf(problems);
        this.limit = BigDecimal.valueOf(abortLimit).stripTrailingZeros().toPlainString();
        int flexible = Math.max(NARROWEST_TRACE, columns - FIXED);
        this.trace = new EntropyTrace(Math.max(NARROWEST_TRACE, flexible * 2 / 5));
        this.textColumns = Math.max(0, flexible - trace.width());
    }

    /** The words, once. */
    List<String> explanation() {
        List<String> lines = new ArrayList<>(List.of(""));
        for (String sentence : List.of(
                "Entropy is how unsure the model is of its next token, in nats (0: certain; 0.7: two tokens equally"
                        + " likely). Each bar is the largest one of its tokens, full height at 2 nats.",
                "Below it b marks a burst (entropy rose over the last 8 tokens), r a rebound (it rose over its lowest so"
                        + " far), * both. EDIS counts them, weighted by the variance: the higher, the less stable.",
                String.format(
                        Locale.ROOT,
                        "The rules are armed: they act, and do not only report. EDIS above %s aborts a sequence, a token"
                                + " that is unsure enough branches it. [ ] marks the token that caused a command; +2 tokens:"
                                + " two more were decoded until it took effect.",
                        limit))) {
            lines.addAll(wrapped(sentence, 0));
        }
        lines.add("");
        if (!problems.isEmpty()) {
            lines.addAll(wrapped("Problem 1: " + problems.get(0).prompt(), 0));
            lines.add("");
        }
        return lines;
    }

    /** How far the run is. */
    String status(Collection<RecordedSequence> running, Map<String, Integer> outcomes, int refused) {
        int problem = running.stream().mapToInt(Matches::problem).max().orElse(0);
        String counts = outcomes.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
        return (problem == 0 ? "" : "problem " + problem + " of " + problems.size() + " | ")
                + running.size() + " running"
                + (counts.isEmpty() ? "" : " | " + counts)
                + (refused == 0 ? "" : " | " + refused + " refused");
    }

    /** The outcome of a sequence that has ended, in a word or two. */
    String outcome(RecordedSequence sequence) {
        return outcome(sequence.finish().orElseThrow());
    }

    static String outcome(SequenceFinish finish) {
        return switch (finish.getReason()) {
            case END_OF_SEQUENCE -> DemoReport.isRight(finish) ? "right" : "wrong";
            case LENGTH -> "too long";
            default -> finish.getReason().toString().toLowerCase(Locale.ROOT);
        };
    }

    /** A sequence that runs. */
    String running(RecordedSequence sequence, @Nullable Double edis) {
        return row(sequence, SafeText.padded("running", 9), sequence.tokens().size(), edis, sequence.text());
    }

    /** A sequence that has ended, and its marks below it. */
    List<String> ended(RecordedSequence sequence, @Nullable Double edis) {
        SequenceFinish finish = sequence.finish().orElseThrow();
        List<String> lines = new ArrayList<>();
        lines.add(row(sequence, verdict(finish), finish.getTokens(), edis, said(sequence, finish)));
        String marks = trace.marks(sequence.tokens().size(), sequence.spikes());
        if (!marks.isEmpty()) {
            lines.add(" ".repeat(27) + style.faint(marks));
        }
        return lines;
    }

    private String row(RecordedSequence sequence, String verdict, int tokens, @Nullable Double edis, String text) {
        int problem = Matches.problem(sequence);
        return String.format(
                        Locale.ROOT,
                        "#%-5d%-7s%s%4d %s %9s  %s",
                        sequence.start().getSequence(),
                        problem == 0 ? "" : problem + "/" + problems.size(),
                        verdict,
                        tokens,
                        SafeText.padded(trace.bars(sequence.tokens()), trace.width()),
                        edis == null ? "" : String.format(Locale.ROOT, "%.1f/%s", edis, limit),
                        SafeText.last(SafeText.forTerminal(text).strip(), textColumns))
                .stripTrailing();
    }

    private String said(RecordedSequence sequence, SequenceFinish finish) {
        if (finish.getReason() != FinishReason.END_OF_SEQUENCE || finish.getAnswer() == null) {
            return sequence.text();
        }
        String answer = "says " + finish.getAnswer();
        int problem = Matches.problem(sequence);
        return DemoReport.isRight(finish) || problem == 0 || problem > problems.size()
                ? answer
                : answer + ", right: " + problems.get(problem - 1).answer();
    }

    private String verdict(SequenceFinish finish) {
        String word = SafeText.padded(outcome(finish), 9);
        return switch (finish.getReason()) {
            case ABORTED -> style.stopped(word);
            case END_OF_SEQUENCE -> DemoReport.isRight(finish) ? style.right(word) : style.wrong(word);
            case LENGTH -> style.wrong(word);
            default -> word;
        };
    }

    /** A command with what became of it, and the words at which it was decided if the sequence is known. */
    List<String> command(Command command, CommandOutcome outcome, long counter, @Nullable RecordedSequence sequence) {
        String name = SafeText.padded(outcome.getAction().toString(), INDENT);
        List<String> lines = new ArrayList<>(wrapped(
                String.format(
                        Locale.ROOT,
                        "%s #%-4d %s: %s",
                        name,
                        counter,
                        effect(outcome),
                        SafeText.forTerminal(command.getReason())),
                INDENT));
        String coloured = outcome.getAction() == Action.ABORT ? style.stopped(name) : style.branched(name);
        lines.set(0, lines.get(0).replaceFirst(name, coloured.replace("\\", "\\\\")));
        if (sequence != null
                && outcome.getKind() == OutcomeKind.APPLIED
                && !sequence.text().isEmpty()) {
            lines.add(words(sequence, outcome));
        }
        return lines;
    }

    /** The end of the text up to the deciding token, which is marked, and what was decoded until the effect. */
    private String words(RecordedSequence sequence, CommandOutcome outcome) {
        int decided = outcome.getDecidedAtToken();
        int applied = outcome.getAppliedAtToken() == null ? decided + 1 : outcome.getAppliedAtToken();
        String token = SafeText.forTerminal(sequence.text(decided, decided + 1));
        String mark = "[" + token.strip() + "]";
        String until = SafeText.forTerminal(sequence.text(decided + 1, applied)).stripTrailing();
        String end =
                switch (outcome.getAction()) {
                    case ABORT -> " and is cut off";
                    case BRANCH -> " and is branched";
                    default -> "";
                };
        int indent = 2 * INDENT;
        int room = Math.min(MOST_WORDS, columns) - indent - 2;
        int rest = room - SafeText.columns(mark) - end.length() - 1;
        until = SafeText.columns(until) <= rest / 2 ? until : "";
        String before = SafeText.forTerminal(sequence.text(0, decided)).strip();
        String space = token.startsWith(" ") ? " " : "";
        return " ".repeat(indent)
                + '"'
                + SafeText.last(before, Math.max(1, rest - SafeText.columns(until)))
                + space
                + style.strong(mark)
                + style.faint(until)
                + '"'
                + end;
    }

    private static String effect(CommandOutcome outcome) {
        if (outcome.getKind() != OutcomeKind.APPLIED) {
            String detail = outcome.getDetail().isEmpty() ? "" : ", " + SafeText.forTerminal(outcome.getDetail());
            return outcome.getKind() + detail;
        }
        String children = outcome.getAction() == Action.BRANCH
                ? outcome.getStarted().stream().map(child -> "#" + child).collect(Collectors.joining(", ", ", to ", ""))
                : "";
        return String.format(
                Locale.ROOT,
                "+%.0f %s, %.0f ms%s",
                DemoReport.reactionTokens(outcome),
                DemoReport.reactionTokens(outcome) == 1 ? "token" : "tokens",
                DemoReport.reactionMillis(outcome),
                children);
    }

    /** A text in lines that fit, broken between words. */
    List<String> wrapped(String text, int indent) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(" ".repeat(indent));
        for (String word : text.split(" (?! )")) {
            if (line.length() > indent && line.length() + 1 + word.length() > columns) {
                lines.add(line.toString());
                line = new StringBuilder(" ".repeat(2 * indent));
            } else if (line.length() > indent) {
                line.append(' ');
            }
            line.append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
