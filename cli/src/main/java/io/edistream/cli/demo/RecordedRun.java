package io.edistream.cli.demo;

import io.edistream.cli.UserError;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Ids;
import io.edistream.schemas.OutcomeKind;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import io.edistream.schemas.TokenEntropyBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one generator's run left in the topics. Records of a sequence may come in any order across topics.
 * Thread-safe: the reader writes, others read when it is complete.
 */
final class RecordedRun implements LoopListener {

    private final Map<Long, RecordedSequence> sequences = new LinkedHashMap<>();
    private final Map<Long, Score> finalScores = new LinkedHashMap<>();
    private final Map<String, Command> commands = new LinkedHashMap<>();
    private final List<CommandOutcome> outcomes = new ArrayList<>();
    private final List<Rejected> rejected = new ArrayList<>();
    private int copies;
    private final List<Spike> spikes = new ArrayList<>();
    private int finished;
    private @Nullable Exception failure;
    private long records;

    @Override
    public synchronized void onStep(TokenEntropyBatch step) {
        arrived();
        step.getStarts().forEach(start -> sequences.put(start.getSequence(), new RecordedSequence(start)));
        RecordedRuns.forEach(
                step, (sequence, firstToken, tokens, text) -> started(sequence).add(firstToken, tokens, text));
        step.getFinishes().forEach(finish -> {
            started(finish.getSequence()).finish(finish);
            finished++;
        });
    }

    @Override
    public synchronized void onScore(Score score) {
        arrived();
        if (score.getFinal$()) {
            finalScores.put(Ids.counter(score.getSequence()), score);
        }
    }

    @Override
    public synchronized void onSpike(Spike spike) {
        arrived();
        spikes.add(spike);
    }

    @Override
    public synchronized void onCommand(Command command) {
        arrived();
        copies++;
        commands.putIfAbsent(Ids.text(command.getCommandId()), command);
    }

    @Override
    public synchronized void onOutcome(CommandOutcome outcome) {
        arrived();
        outcomes.add(outcome);
    }

    @Override
    public synchronized void onRejected(Rejected event) {
        arrived();
        rejected.add(event);
    }

    @Override
    public synchronized void onFailure(Exception cause) {
        failure = cause;
        notifyAll();
    }

    private RecordedSequence started(long sequence) {
        RecordedSequence started = sequences.get(sequence);
        if (started == null) {
            throw new IllegalStateException(
                    "tokens of sequence " + sequence + " came without its start: the generator had to drop events");
        }
        return started;
    }

    /**
     * Whether the topics have told all there is to tell of a number of sequences: each has finished and has its final
     * score, each command that the scores count has arrived, and each of its copies has its outcome.
     */
    synchronized boolean isComplete(long expectedSequences) {
        return sequences.size() == expectedSequences
                && finished == expectedSequences
                && finalScores.size() == expectedSequences
                && commands.size() == decisions()
                && outcomes.size() == copies;
    }

    /**
     * Waits until the run is complete.
     *
     * @param patience how long to wait after the last new record
     * @return false if nothing new came for that long
     * @throws IllegalStateException if the topics cannot be read any further
     */
    synchronized boolean awaitComplete(long expectedSequences, Duration patience) throws InterruptedException {
        long seen = records;
        long deadline = System.nanoTime() + patience.toNanos();
        while (!isComplete(expectedSequences)) {
            if (failure instanceof UserError error) {
                throw error;
            }
            if (failure != null) {
                throw new IllegalStateException(
                        "the loop's topics could not be read to their end: " + failure.getMessage(), failure);
            }
            if (records > seen) {
                seen = records;
                deadline = System.nanoTime() + patience.toNanos();
            }
            long millisLeft = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (millisLeft <= 0) {
                return false;
            }
            wait(millisLeft);
        }
        return true;
    }

    /** One sentence on what has come in so far, for whoever waits in vain. */
    synchronized String progress() {
        return sequences.size() + " sequences started, " + finished + " finished, " + finalScores.size()
                + " final scores, " + commands.size() + " of " + decisions() + " commands, " + outcomes.size()
                + " outcomes of " + copies + ", " + rejected.size() + " rejections";
    }

    private void arrived() {
        records++;
        notifyAll();
    }

    private int decisions() {
        return finalScores.values().stream().mapToInt(Score::getDecisions).sum();
    }

    /** The sequences in the order of their starts. */
    synchronized List<RecordedSequence> sequences() {
        finalScores.forEach((counter, score) -> {
            // A run that was interrupted may have the score of a sequence before its start.
            RecordedSequence sequence = sequences.get(counter);
            if (sequence != null) {
                sequence.score(score);
            }
        });
        return List.copyOf(sequences.values());
    }

    /** Each command once, however often it was sent. */
    synchronized List<Command> commands() {
        return List.copyOf(commands.values());
    }

    /** Copies of commands beyond the first. */
    synchronized int repeats() {
        return copies - commands.size();
    }

    /**
     * What became of each command: that it was applied if one of its copies was, otherwise what became of the first of
     * them.
     */
    synchronized List<CommandOutcome> outcomes() {
        Map<String, CommandOutcome> byCommand = new LinkedHashMap<>();
        for (CommandOutcome outcome : outcomes) {
            byCommand.merge(
                    Ids.text(outcome.getCommandId()),
                    outcome,
                    (first, later) -> later.getKind() == OutcomeKind.APPLIED ? later : first);
        }
        return List.copyOf(byCommand.values());
    }

    synchronized List<Rejected> rejected() {
        return List.copyOf(rejected);
    }

    /** Bursts and rebounds by sequence. */
    synchronized Map<Long, List<Spike>> spikesBySequence() {
        return spikes.stream().collect(Collectors.groupingBy(spike -> Ids.counter(spike.getSequence())));
    }

    /** Bursts and rebounds of all sequences. */
    synchronized int spikes() {
        return spikes.size();
    }
}
