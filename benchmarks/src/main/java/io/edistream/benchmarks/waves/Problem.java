package io.edistream.benchmarks.waves;

import java.util.List;

/**
 * One prompt with all the samples that were recorded of it.
 *
 * @param samples at least 1
 */
record Problem(List<Sample> samples) {

    Problem {
        samples = List.copyOf(samples);
    }

    /**
     * One recorded sample.
     *
     * @param answerClass class of its answer within the problem, {@link io.edistream.signals.groups.Votes#NO_ANSWER} if it
     *     has none
     * @param right whether its answer is right; equal answers are equally right
     * @param tokens tokens of it, at least 1
     */
    record Sample(int answerClass, boolean right, int tokens) {}

    /** Whether an answer is right; one that nobody gave is not. */
    boolean isRight(int answerClass) {
        return samples.stream().anyMatch(sample -> sample.answerClass == answerClass && sample.right);
    }
}
