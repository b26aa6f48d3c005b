package io.edistream.cli.demo;

import io.edistream.cli.problems.WordProblem;
import io.edistream.schemas.Action;
import io.edistream.schemas.Bound;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.OutcomeKind;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.Spike;
import io.edistream.schemas.TokenEntropyBatch;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Shows the loop while it runs: a line for each command that had an effect, a trace for each sequence that ended and, on
 * a terminal, the sequences that run now below them. Called by one thread.
 */
final class DemoScreen implements LoopListener {

    private static final int WIDEST_TRACE = 64;
    private static final int NARROWEST_TRACE = 8;

    /** Narrower than this, or lower, a terminal gets no sequences that run: nothing sensible would fit. */
    private static final int NARROWEST_LIVE = 60;

    private static final int LOWEST_LIVE = 4;
    private static final int INDENT = 6;

    /** What stands before a trace. */
    private static final int MARGIN = 27;

    /** What stands before and behind it. */
    private static final int COLUMNS_BESIDE_TRACE = MARGIN + 13;

    private static final int MOST_RUNNING_SHOWN = 8;
    private static final long REDRAW_MICROS = 200_000;
    private static final String CURSOR_UP = "\u001b[%dA";
    private static final String CLEAR_BELOW = "\u001b[J";

    private final PrintWriter out;
    private final boolean live;
    private final int columns;
    private final int runningShown;
    private final EntropyTrace trace;
    private final Map<Long, RecordedSequence> running = new LinkedHashMap<>();

    // Topics are read in no order among each other, so each of these may be there before what it belongs to.
    private final Map<Long, RecordedSequence> ended = new LinkedHashMap<>();
    private final Map<Long, Score> finalScores = new HashMap<>();
    private final Map<String, Command> commands = new HashMap<>();
    private final Map<String, List<CommandOutcome>> untold = new HashMap<>();
    private final Map<String, OutcomeKind> told = new HashMap<>();
    private int panelLines;
    private long drawnAtMicros;

    /**
     * A screen.
     *
     * @param terminal whether the output is a terminal on which lines can be written over
     * @param columns characters per line
     * @param rows lines of a terminal
     */
    DemoScreen(PrintWriter out, boolean terminal, int columns, int rows) {
        this.out = out;
        this.live = terminal && columns >= NARROWEST_LIVE && rows >= LOWEST_LIVE;
        this.columns = columns;
        this.runningShown = Math.min(MOST_RUNNING_SHOWN, rows - 2);
        this.trace =
                new EntropyTrace(Math.max(NARROWEST_TRACE, Math.min(WIDEST_TRACE, columns - COLUMNS_BESIDE_TRACE)));
    }

    /** Says how to read the rest. */
    void explain(WordProblem first) {
        print(wrapped("The first problem: " + first.prompt(), 0));
        print(List.of(""));
        print(wrapped(
                "One line per finished sequence: each bar is the largest entropy of its tokens, full height at 2 nats;"
                        + " below it b is a burst, r a rebound, * both. Commands stand where they took effect, with their"
                        + " reaction distance: +2 tokens means that two were decoded between the one that caused the command and"
                        + " its effect.",
                0));
        print(List.of(""));
    }

    @Override
    public void onStep(TokenEntropyBatch step) {
        step.getStarts().forEach(start -> running.put(start.getSequence(), new RecordedSequence(start)));
        RecordedRuns.forEach(
                step, (sequence, firstToken, tokens) -> running.get(sequence).add(firstToken, tokens));
        for (SequenceFinish finish : step.getFinishes()) {
            RecordedSequence sequence = running.remove(finish.getSequence());
            sequence.finish(finish);
            ended.put(finish.getSequence(), sequence);
            printIfComplete(finish.getSequence());
        }
        if (live && step.getDecodedAtMicros() - drawnAtMicros > REDRAW_MICROS) {
            drawnAtMicros = step.getDecodedAtMicros();
            print(List.of());
        }
    }

    @Override
    public void onScore(Score score) {
        if (score.getFinal$()) {
            long counter = Ids.counter(score.getSequence());
            finalScores.put(counter, score);
            printIfComplete(counter);
        }
    }

    @Override
    public void onSpike(Spike spike) {
        long counter = Ids.counter(spike.getSequence());
        RecordedSequence sequence = running.getOrDefault(counter, ended.get(counter));
        if (sequence != null) {
            sequence.add(spike);
            printIfComplete(counter);
        }
    }

    @Override
    public void onCommand(Command command) {
        String id = Ids.text(command.getCommandId());
        commands.putIfAbsent(id, command);
        printIfAnswered(id);
    }

    @Override
    public void onOutcome(CommandOutcome outcome) {
        String id = Ids.text(outcome.getCommandId());
        untold.computeIfAbsent(id, key -> new ArrayList<>()).add(outcome);
        printIfAnswered(id);
    }

    private void printIfAnswered(String commandId) {
        Command command = commands.get(commandId);
        List<CommandOutcome> outcomes = untold.get(commandId);
        if (command != null && outcomes != null) {
            untold.remove(commandId);
            outcomes.forEach(outcome -> printOnce(commandId, command, outcome));
        }
    }

    /** A command is sent again while its condition holds; of its later copies only one that was applied is news. */
    private void printOnce(String commandId, Command command, CommandOutcome outcome) {
        OutcomeKind before = told.putIfAbsent(commandId, outcome.getKind());
        if (before != null) {
            if (outcome.getKind() != OutcomeKind.APPLIED || before == OutcomeKind.APPLIED) {
                return;
            }
            told.put(commandId, OutcomeKind.APPLIED);
        }
        String line = String.format(
                Locale.ROOT,
                "%-6s #%-4d %s: %s",
                outcome.getAction(),
                Ids.counter(outcome.getSequence()),
                effect(outcome),
                command.getReason());
        print(wrapped(line, INDENT));
    }

    private void printIfComplete(long counter) {
        RecordedSequence sequence = ended.get(counter);
        Score score = finalScores.get(counter);
        if (sequence != null && score != null && hasAllMarks(sequence, score)) {
            printEnded(counter);
        }
    }

    /** What a branch shares with its parent was told of the parent, so nobody knows how many marks it has itself. */
    private static boolean hasAllMarks(RecordedSequence sequence, Score score) {
        return sequence.start().getForkToken() != null
                || score.getCutBy().contains(Bound.SPIKES)
                || sequence.spikes().size()
                        >= count(score.getSignals().getBurst())
                                + count(score.getSignals().getRebound());
    }

    private static int count(@Nullable Integer signal) {
        return signal == null ? 0 : signal;
    }

    private void printEnded(long counter) {
        RecordedSequence sequence = ended.remove(counter);
        Score score = finalScores.remove(counter);
        // Cancelled sequences are those that were running when somebody lost interest.
        if (score.getFinishReason() != FinishReason.CANCELLED) {
            print(describe(sequence, score));
        }
    }

    @Override
    public void onRejected(Rejected rejected) {
        print(wrapped("rejected " + rejected.getReason() + ": " + rejected.getDetail(), INDENT));
    }

    @Override
    public void onFailure(Exception cause) {
        // Whoever waits for the run says so.
    }

    /** Prints what is left and leaves the cursor below everything. */
    void finish() {
        List.copyOf(ended.keySet()).stream().filter(finalScores::containsKey).forEach(this::printEnded);
        running.clear();
        print(List.of());
    }

    private static String effect(CommandOutcome outcome) {
        if (outcome.getKind() != OutcomeKind.APPLIED) {
            String detail = outcome.getDetail().isEmpty() ? "" : ", " + outcome.getDetail();
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

    private List<String> describe(RecordedSequence sequence, Score score) {
        SequenceFinish finish = sequence.finish().orElseThrow();
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "#%-4d %-8s %3d tokens  %-" + trace.width() + "s  edis %s",
                finish.getSequence(),
                verdict(finish),
                finish.getTokens(),
                trace.bars(sequence.tokens()),
                edis(score)));
        String marks = trace.marks(sequence.tokens().size(), sequence.spikes());
        if (!marks.isEmpty()) {
            lines.add(" ".repeat(MARGIN) + marks);
        }
        return lines;
    }

    private static String edis(Score score) {
        Double edis = score.getSignals().getEdis();
        return edis == null ? "none" : String.format(Locale.ROOT, "%.2f", edis);
    }

    private static String verdict(SequenceFinish finish) {
        return switch (finish.getReason()) {
            case ABORTED -> "aborted";
            case END_OF_SEQUENCE -> DemoReport.isRight(finish) ? "right" : "wrong";
            case LENGTH -> "too long";
            default -> finish.getReason().toString().toLowerCase(Locale.ROOT);
        };
    }

    private void print(List<String> lines) {
        if (panelLines > 0) {
            out.printf(CURSOR_UP + CLEAR_BELOW, panelLines);
            panelLines = 0;
        }
        lines.forEach(out::println);
        if (live) {
            drawPanel();
        }
        out.flush();
    }

    /** A text in lines that fit, broken between words. */
    private List<String> wrapped(String text, int indent) {
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

    private void drawPanel() {
        List<RecordedSequence> shown = running.values().stream()
                .filter(sequence -> !sequence.tokens().isEmpty())
                .limit(runningShown)
                .toList();
        for (RecordedSequence sequence : shown) {
            out.printf(
                    Locale.ROOT,
                    "#%-4d running  %3d tokens  %s%n",
                    sequence.start().getSequence(),
                    sequence.tokens().size(),
                    trace.bars(sequence.tokens()));
        }
        panelLines = shown.size();
    }
}
