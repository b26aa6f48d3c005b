package io.edistream.cli.demo;

import io.edistream.console.SafeText;
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
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Shows the loop while it runs: a line for each command that had an effect, a trace for each sequence that ended and, on
 * a terminal, the sequences that run now below them. Called by one thread.
 */
final class DemoScreen implements LoopListener {

    /** Narrower than this, or lower, a terminal gets no sequences that run: nothing sensible would fit. */
    private static final int NARROWEST_LIVE = 60;

    private static final int LOWEST_LIVE = 4;
    private static final int MOST_RUNNING_SHOWN = 8;
    private static final long REDRAW_MICROS = 200_000;
    private static final String CURSOR_UP = "\u001b[%dA";
    private static final String CLEAR_BELOW = "\u001b[J";

    private static final int INDENT = 6;

    private final PrintWriter out;
    private final boolean live;
    private final int columns;
    private final int runningShown;
    private final ScreenLines lines;
    private final Map<Long, RecordedSequence> running = new LinkedHashMap<>();

    // Topics are read in no order among each other, so each of these may be there before what it belongs to.
    private final Map<Long, RecordedSequence> ended = new LinkedHashMap<>();
    private final Map<Long, Score> finalScores = new HashMap<>();
    private final Map<String, Command> commands = new HashMap<>();
    private final Map<String, List<CommandOutcome>> untold = new HashMap<>();
    private final Map<String, OutcomeKind> told = new HashMap<>();
    private final Map<Long, RecordedSequence> known = new HashMap<>();
    private final Map<Long, Double> edis = new HashMap<>();
    private final Map<String, Integer> verdicts = new TreeMap<>();
    private int refused;
    private boolean closing;
    private int panelLines;
    private long drawnAtMicros;

    /**
     * A screen.
     *
     * @param terminal whether the output is a terminal on which lines can be written over
     * @param columns characters per line
     * @param rows lines of a terminal
     * @param lines what it says, in lines of as many characters
     */
    DemoScreen(PrintWriter out, boolean terminal, int columns, int rows, ScreenLines lines) {
        this.out = out;
        this.live = terminal && columns >= NARROWEST_LIVE && rows >= LOWEST_LIVE;
        this.columns = columns;
        this.runningShown = Math.min(MOST_RUNNING_SHOWN, rows - LOWEST_LIVE + 1);
        this.lines = lines;
    }

    /** Says how to read the rest. */
    void explain() {
        print(lines.explanation());
    }

    @Override
    public void onStep(TokenEntropyBatch step) {
        step.getStarts().forEach(start -> {
            RecordedSequence sequence = new RecordedSequence(start);
            running.put(start.getSequence(), sequence);
            known.put(start.getSequence(), sequence);
        });
        RecordedRuns.forEach(step, (sequence, firstToken, tokens, text) -> running.get(sequence)
                .add(firstToken, tokens, text));
        for (SequenceFinish finish : step.getFinishes()) {
            RecordedSequence sequence = running.remove(finish.getSequence());
            sequence.finish(finish);
            ended.put(finish.getSequence(), sequence);
        }
        // What a command did stands above what became of its sequence.
        List.copyOf(untold.keySet()).forEach(this::printIfAnswered);
        step.getFinishes().forEach(finish -> printIfComplete(finish.getSequence()));
        if (live && step.getDecodedAtMicros() - drawnAtMicros > REDRAW_MICROS) {
            drawnAtMicros = step.getDecodedAtMicros();
            print(List.of());
        }
    }

    @Override
    public void onScore(Score score) {
        Double now = score.getSignals().getEdis();
        if (now != null) {
            edis.put(Ids.counter(score.getSequence()), now);
        }
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
        if (command != null && outcomes != null && outcomes.stream().allMatch(this::hasWords)) {
            untold.remove(commandId);
            outcomes.forEach(outcome -> printOnce(commandId, command, outcome));
        }
    }

    /** Whether the tokens around the command are here; its topic may be read ahead of theirs. */
    private boolean hasWords(CommandOutcome outcome) {
        RecordedSequence sequence = known.get(Ids.counter(outcome.getSequence()));
        if (outcome.getKind() != OutcomeKind.APPLIED) {
            return true;
        }
        if (sequence == null) {
            return false;
        }
        Integer applied = outcome.getAppliedAtToken();
        return applied == null
                || sequence.nextToken() >= applied
                || sequence.finish().isPresent();
    }

    /** A command is sent again while its condition holds; of its later copies only one that was applied is news. */
    private void printOnce(String commandId, Command command, CommandOutcome outcome) {
        OutcomeKind before = told.putIfAbsent(commandId, outcome.getKind());
        if (before != null) {
            if (outcome.getKind() != OutcomeKind.APPLIED || before == OutcomeKind.APPLIED) {
                return;
            }
            told.put(commandId, OutcomeKind.APPLIED);
            refused -= before == OutcomeKind.REFUSED ? 1 : 0;
        }
        if (outcome.getKind() == OutcomeKind.REFUSED) {
            refused++;
            return;
        }
        long counter = Ids.counter(outcome.getSequence());
        print(lines.command(command, outcome, counter, known.get(counter)));
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
            List<String> said = lines.ended(sequence, score.getSignals().getEdis());
            verdicts.merge(lines.outcome(sequence), 1, Integer::sum);
            print(said);
        }
    }

    @Override
    public void onRejected(Rejected rejected) {
        print(lines.wrapped(
                "rejected " + rejected.getReason() + ": " + SafeText.forTerminal(rejected.getDetail()), INDENT));
    }

    @Override
    public void onFailure(Exception cause) {
        // Whoever waits for the run says so.
    }

    /** Prints what is left and leaves the cursor below everything. */
    void finish() {
        List.copyOf(ended.keySet()).stream().filter(finalScores::containsKey).forEach(this::printEnded);
        untold.forEach((id, outcomes) -> {
            Command command = commands.get(id);
            if (command != null) {
                outcomes.forEach(outcome -> printOnce(id, command, outcome));
            }
        });
        untold.clear();
        running.clear();
        closing = true;
        print(
                refused == 0
                        ? List.of()
                        : lines.wrapped(
                                refused + (refused == 1 ? " command was" : " commands were")
                                        + " refused: the last hope of a problem is never stopped, and a problem has a limit"
                                        + " of sequences.",
                                0));
    }

    private void print(List<String> said) {
        if (panelLines > 0) {
            out.printf(CURSOR_UP + CLEAR_BELOW, panelLines);
            panelLines = 0;
        }
        said.forEach(out::println);
        if (live && !closing) {
            drawPanel();
        }
        out.flush();
    }

    private void drawPanel() {
        List<RecordedSequence> shown = running.values().stream()
                .filter(sequence -> !sequence.tokens().isEmpty())
                .limit(runningShown)
                .toList();
        shown.forEach(sequence ->
                out.println(lines.running(sequence, edis.get(sequence.start().getSequence()))));
        out.println(SafeText.last(lines.status(running.values(), verdicts, refused), columns));
        panelLines = shown.size() + 1;
    }
}
