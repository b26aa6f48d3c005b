package io.edistream.cli.demo;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.OutcomeKind;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceFinish;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a run of the demo came to.
 *
 * @param problems problems asked
 * @param sequences sequences decoded, branches included
 * @param tokensGenerated tokens decoded, those that branches share with their parents counted once
 * @param accuracy share of the problems whose most frequent answer is right; sequences that were stopped do not vote
 * @param sequenceAccuracy share of right answers among the sequences that ended by themselves
 * @param spikes bursts and rebounds of all sequences
 * @param commands commands by action, each once
 * @param commandRepeats copies of commands that were sent again because their condition still held
 * @param outcomes what became of the commands, by kind
 * @param reactionTokens tokens decoded between the deciding one and the one at which an applied command took effect
 * @param reactionMs milliseconds between the two
 * @param tokensPerSecond tokens decoded per second, from the first step to the last
 * @param unmeasuredTokens tokens without an entropy, those that branches share counted with each
 * @param missingTokens tokens that never arrived at the job
 * @param rejected events that the job could not use
 * @param scoresChecked final scores compared with the same computed in batch from the recorded events
 * @param scoresMismatched those that differ
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record DemoReport(
        int problems,
        int sequences,
        long tokensGenerated,
        double accuracy,
        double sequenceAccuracy,
        int spikes,
        Map<Action, Long> commands,
        int commandRepeats,
        Map<OutcomeKind, Long> outcomes,
        Percentiles reactionTokens,
        Percentiles reactionMs,
        double tokensPerSecond,
        int unmeasuredTokens,
        int missingTokens,
        long rejected,
        int scoresChecked,
        int scoresMismatched) {

    private static final double MICROS_PER_MILLISECOND = 1_000;

    /** Sums up a complete run. */
    static DemoReport of(RecordedRun run, ScoreCheck check, int problems, double decodeSeconds) {
        List<RecordedSequence> sequences = run.sequences();
        long tokens = sequences.stream().mapToLong(RecordedSequence::ownTokens).sum();
        List<CommandOutcome> applied = run.outcomes().stream()
                .filter(outcome -> outcome.getKind() == OutcomeKind.APPLIED)
                .toList();
        return new DemoReport(
                problems,
                sequences.size(),
                tokens,
                majorityRight(sequences) / (double) problems,
                sequenceAccuracy(sequences),
                run.spikes(),
                counts(run.commands(), Command::getAction),
                run.repeats(),
                counts(run.outcomes(), CommandOutcome::getKind),
                Percentiles.of(applied.stream().map(DemoReport::reactionTokens).toList()),
                Percentiles.of(applied.stream().map(DemoReport::reactionMillis).toList()),
                decodeSeconds > 0 ? tokens / decodeSeconds : 0,
                scores(sequences).mapToInt(Score::getUnmeasured).sum(),
                scores(sequences).mapToInt(Score::getMissing).sum(),
                run.rejected().stream().mapToLong(Rejected::getCount).sum(),
                check.checked(),
                check.mismatches().size());
    }

    private static Stream<Score> scores(List<RecordedSequence> sequences) {
        return sequences.stream().flatMap(sequence -> sequence.finalScore().stream());
    }

    /** Tokens decoded after the deciding one and before the command took effect. */
    static double reactionTokens(CommandOutcome outcome) {
        return outcome.getAppliedAtToken() - outcome.getDecidedAtToken() - 1;
    }

    /** Milliseconds from the end of the deciding token's step to the effect. */
    static double reactionMillis(CommandOutcome outcome) {
        return (outcome.getAppliedAtMicros() - outcome.getDecidedTokenAtMicros()) / MICROS_PER_MILLISECOND;
    }

    private static long majorityRight(List<RecordedSequence> sequences) {
        List<Vote> votes = sequences.stream()
                .flatMap(sequence -> sequence.finish().stream()
                        .flatMap(finish -> Vote.of(sequence.start().getGroup(), finish).stream()))
                .toList();
        return Vote.majorities(votes).values().stream().filter(right -> right).count();
    }

    private static double sequenceAccuracy(List<RecordedSequence> sequences) {
        return sequences.stream()
                .flatMap(sequence -> sequence.finish().stream())
                .filter(finish -> finish.getReason() == FinishReason.END_OF_SEQUENCE)
                .mapToDouble(finish -> isRight(finish) ? 1 : 0)
                .average()
                .orElse(0);
    }

    /** Whether the finish says that the answer is right. */
    static boolean isRight(SequenceFinish finish) {
        return finish.getLabel() != null
                && Boolean.TRUE.equals(finish.getLabel().getCorrect());
    }

    private static <T, K extends Comparable<K>> Map<K, Long> counts(List<T> values, Function<T, K> by) {
        return values.stream().collect(Collectors.groupingBy(by, TreeMap::new, Collectors.counting()));
    }
}
