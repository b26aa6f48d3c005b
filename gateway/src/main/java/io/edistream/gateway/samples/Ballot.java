package io.edistream.gateway.samples;

import io.edistream.signals.groups.SamplePlan;
import io.edistream.signals.groups.Votes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The samples of one prompt: how many are to start, whether the rest need not go on, and which one is chosen in the end. Knows them by
 * number and no connection. Used by one thread.
 *
 * <p>What votes mean is decided by {@link SamplePlan}, as in the generator. Where a signal chooses alone, no vote is taken to be
 * enough: all samples are waited for.
 */
public final class Ballot {

    private final StrategyAsked asked;
    private final SamplePlan plan;
    private final Map<String, Integer> answerClasses = new LinkedHashMap<>();
    private final List<Finished> finished = new ArrayList<>();
    private Votes votes = Votes.NONE;
    private int running;

    public Ballot(StrategyAsked asked) {
        this.asked = asked;
        plan = asked.plan();
    }

    /** How many samples are to start now; they run from now on. */
    public int start() {
        int more = plan.toStart(decisive(), running);
        running += more;
        return more;
    }

    /**
     * A sample that ran has all the tokens that it would ever have had.
     *
     * @param sample its number
     * @param answer what its text says; null if it gives no answer
     * @param score of its signal; NaN if it has none
     */
    public void finished(int sample, @Nullable String answer, double score) {
        requireRunning();
        running--;
        Integer answerClass =
                answer == null ? null : answerClasses.computeIfAbsent(answer, first -> answerClasses.size());
        finished.add(new Finished(sample, answerClass, score));
        votes = votes.plus(answerClass == null ? Votes.NO_ANSWER : answerClass);
    }

    /** A sample that ran ended in another way, and does not vote. */
    public void lost() {
        requireRunning();
        running--;
        votes = votes.plus(Votes.NO_ANSWER);
    }

    private void requireRunning() {
        if (running == 0) {
            throw new IllegalStateException("no sample runs");
        }
    }

    /** Whether the samples that run need not go on. */
    public boolean isSettled() {
        return running > 0 && plan.toEnd(decisive(), running) == running;
    }

    /** Whether none runs and none is to start. */
    public boolean isOver() {
        return running == 0 && plan.toStart(decisive(), 0) == 0;
    }

    /** Whether a sample that has finished has a score. */
    public boolean isMeasured() {
        return finished.stream().anyMatch(one -> !Double.isNaN(one.score));
    }

    /** The number of the sample to choose; empty if none has finished. */
    public OptionalInt chosen() {
        OptionalInt leading = asked.kind() == StrategyAsked.Kind.BEST_OF_N ? OptionalInt.empty() : votes.leading();
        return finished.stream()
                .filter(one -> leading.isEmpty() || one.isOf(leading.getAsInt()))
                .min(Comparator.comparingDouble((Finished one) -> badness(one.score))
                        .thenComparingInt(Finished::sample))
                .stream()
                .mapToInt(Finished::sample)
                .findFirst();
    }

    /** Of what was not measured nothing good is known. */
    private double badness(double score) {
        return Double.isNaN(score) ? Double.POSITIVE_INFINITY : asked.signal().badness(score);
    }

    /** Votes by answer, in the order of their first appearance. */
    public Map<String, Integer> votes() {
        Map<Integer, Integer> byClass =
                votes.answers().stream().collect(Collectors.toMap(Votes.Answer::answerClass, Votes.Answer::votes));
        Map<String, Integer> byAnswer = new LinkedHashMap<>();
        answerClasses.forEach((answer, answerClass) -> byAnswer.put(answer, byClass.getOrDefault(answerClass, 0)));
        return byAnswer;
    }

    /** Share of the votes that the most frequent answer has; NaN without any. */
    public double agreement() {
        return votes.agreement();
    }

    private Votes decisive() {
        return asked.kind() == StrategyAsked.Kind.BEST_OF_N ? new Votes(List.of(), votes.ended()) : votes;
    }

    private record Finished(int sample, @Nullable Integer answerClass, double score) {

        private boolean isOf(int which) {
            return answerClass != null && answerClass == which;
        }
    }
}
