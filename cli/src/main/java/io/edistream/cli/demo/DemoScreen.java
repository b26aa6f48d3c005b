package io.edistream.cli.demo;

import io.edistream.cli.problems.WordProblem;
import io.edistream.schemas.Action;
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

/**
 * Shows the loop while it runs: a line for each command that had an effect, a trace for each sequence that ended and, on
 * a terminal, the sequences that run now below them. Called by one thread.
 */
final class DemoScreen implements LoopListener {

    private static final int WIDEST_TRACE = 64;
    private static final int NARROWEST_TRACE = 16;

    /** What stands before a trace. */
    private static final int MARGIN = 26;

    /** What stands before and behind it. */
    private static final int COLUMNS_BESIDE_TRACE = MARGIN + 13;

    private static final int RUNNING_SHOWN = 8;
    private static final long REDRAW_MICROS = 200_000;
    private static final String CURSOR_UP = "\u001b[%dA";
    private static final String CLEAR_BELOW = "\u001b[J";

    private final PrintWriter out;
    private final boolean live;
    private final int columns;
    private final EntropyTrace trace;
    private final Map<Long, RecordedSequence> running = new LinkedHashMap<>();
    private final Map<Long, RecordedSequence> awaitingScore = new HashMap<>();
    private final Map<String, Command> commands = new HashMap<>();
    private int panelLines;
    private long drawnAtMicros;

    /**
     * A screen.
     *
     * @param live whether the output is a terminal on which lines can be written over
     * @param columns characters per line
     */
    DemoScreen(PrintWriter out, boolean live, int columns) {
        this.out = out;
        this.live = live;
        this.columns = columns;
        this.trace =
                new EntropyTrace(Math.max(NARROWEST_TRACE, Math.min(WIDEST_TRACE, columns - COLUMNS_BESIDE_TRACE)));
    }

    /** Says how to read the rest. */
    void explain(WordProblem first) {
        out.println("The first problem: " + first.prompt());
        out.println();
        out.println(
                "One line per finished sequence: each bar is the largest entropy of its tokens, full height at 2 nats;");
        out.println("below it b is a burst, r a rebound, * both. Commands stand where they took effect.");
        out.println();
    }

    @Override
    public void onStep(TokenEntropyBatch step) {
        step.getStarts().forEach(start -> running.put(start.getSequence(), new RecordedSequence(start)));
        step.getRuns().forEach(run -> running.get(run.getSequence()).add(run));
        for (SequenceFinish finish : step.getFinishes()) {
            RecordedSequence ended = running.remove(finish.getSequence());
            ended.finish(finish);
            awaitingScore.put(finish.getSequence(), ended);
        }
        if (live && step.getDecodedAtMicros() - drawnAtMicros > REDRAW_MICROS) {
            drawnAtMicros = step.getDecodedAtMicros();
            print(List.of());
        }
    }

    @Override
    public void onScore(Score score) {
        RecordedSequence ended = awaitingScore.remove(Ids.counter(score.getSequence()));
        if (ended != null && score.getFinal$()) {
            // Cancelled sequences are those that were running when somebody lost interest.
            print(score.getFinishReason() == FinishReason.CANCELLED ? List.of() : describe(ended, score));
        } else if (ended != null) {
            awaitingScore.put(Ids.counter(score.getSequence()), ended);
        }
    }

    @Override
    public void onSpike(Spike spike) {
        long counter = Ids.counter(spike.getSequence());
        RecordedSequence sequence = running.getOrDefault(counter, awaitingScore.get(counter));
        if (sequence != null) {
            sequence.add(spike);
        }
    }

    @Override
    public void onCommand(Command command) {
        commands.put(Ids.text(command.getCommandId()), command);
    }

    @Override
    public void onOutcome(CommandOutcome outcome) {
        Command command = commands.remove(Ids.text(outcome.getCommandId()));
        String reason = command == null ? outcome.getRule() : command.getReason();
        print(List.of(String.format(
                Locale.ROOT,
                "      %-6s #%-4d %s; %s",
                outcome.getAction(),
                Ids.counter(outcome.getSequence()),
                reason,
                effect(outcome))));
    }

    @Override
    public void onRejected(Rejected rejected) {
        print(List.of("      rejected " + rejected.getReason() + ": " + rejected.getDetail()));
    }

    @Override
    public void onFailure(Exception cause) {
        // Whoever waits for the run says so.
    }

    /** Leaves the cursor below everything. */
    void finish() {
        running.clear();
        print(List.of());
    }

    private static String effect(CommandOutcome outcome) {
        if (outcome.getKind() != OutcomeKind.APPLIED) {
            String detail = outcome.getDetail().isEmpty() ? "" : ", " + outcome.getDetail();
            return outcome.getKind() + detail;
        }
        String children = outcome.getAction() == Action.BRANCH
                ? outcome.getChildren().stream().map(child -> "#" + child).collect(Collectors.joining(", ", " to ", ""))
                : "";
        return String.format(
                Locale.ROOT,
                "applied%s %.0f %s (%.1f ms) later",
                children,
                DemoReport.reactionTokens(outcome),
                DemoReport.reactionTokens(outcome) == 1 ? "token" : "tokens",
                DemoReport.reactionMillis(outcome));
    }

    private List<String> describe(RecordedSequence ended, Score score) {
        SequenceFinish finish = ended.finish().orElseThrow();
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "#%-4d %-8s %3d tokens  %-" + trace.width() + "s  edis %.2f",
                finish.getSequence(),
                verdict(finish),
                finish.getTokens(),
                trace.bars(ended.tokens()),
                score.getSignals().getOrDefault("edis", 0.0)));
        String marks = trace.marks(ended.tokens().size(), ended.spikes());
        if (!marks.isEmpty()) {
            lines.add(" ".repeat(MARGIN) + marks);
        }
        return lines;
    }

    private static String verdict(SequenceFinish finish) {
        return switch (finish.getReason()) {
            case ABORTED -> "aborted";
            case END_OF_SEQUENCE -> Boolean.TRUE.equals(finish.getCorrect()) ? "right" : "wrong";
            case LENGTH -> "too long";
            default -> finish.getReason().toString().toLowerCase(Locale.ROOT);
        };
    }

    private void print(List<String> lines) {
        if (panelLines > 0) {
            out.printf(CURSOR_UP + CLEAR_BELOW, panelLines);
            panelLines = 0;
        }
        lines.stream().map(this::fitted).forEach(out::println);
        if (live) {
            drawPanel();
        }
        out.flush();
    }

    /** A line that the terminal would wrap takes more rows than are cleared when the panel is drawn again. */
    private String fitted(String line) {
        return live && line.length() > columns ? line.substring(0, columns - 1) + "…" : line;
    }

    private void drawPanel() {
        List<RecordedSequence> shown = running.values().stream()
                .filter(sequence -> !sequence.tokens().isEmpty())
                .limit(RUNNING_SHOWN)
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
