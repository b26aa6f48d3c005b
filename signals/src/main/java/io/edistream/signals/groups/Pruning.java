package io.edistream.signals.groups;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which running samples of one prompt are too weak to go on, by a score of each. They are compared once a sample has finished and those that
 * run have a share of the usual length, which is the median of those that have finished. At most {@code weakest} end, always
 * less than half of those that are compared: to end half of them costs accuracy. The last one that runs never ends, and none
 * before one has finished. Knows no clock.
 *
 * @param weakest samples that may end, 1 to {@value #MOST}
 * @param at share of the usual length that each running sample must have, above 0 and at most 1
 */
public record Pruning(int weakest, double at) {

    /** The most samples of one prompt that may end for being weak. */
    public static final int MOST = 2;

    /**
     * @throws IllegalArgumentException if a bound is violated
     */
    public Pruning {
        if (weakest < 1 || weakest > MOST) {
            throw new IllegalArgumentException(weakest + " weakest samples: must be 1 to " + MOST);
        }
        if (!(at > 0 && at <= 1)) {
            throw new IllegalArgumentException(at + " of the usual length: must be above 0 and at most 1");
        }
    }

    /** Samples that must be compared before one ends: more than twice as many as may end. */
    public int compared() {
        return 2 * weakest + 1;
    }

    /**
     * Numbers of the samples to end now, the weakest first. Of equally weak ones the one with the higher number is weaker.
     *
     * @param begun all that have begun, but for those that ended in other ways: they are not compared
     */
    public List<Integer> toEnd(List<Progress> begun) {
        List<Progress> running = are(begun, State.RUNNING);
        List<Progress> finished = are(begun, State.FINISHED);
        if (finished.isEmpty()
                || running.stream().anyMatch(one -> one.tokens < at * usualTokens(finished))
                || begun.stream().filter(Progress::isMeasured).count() < compared()) {
            return List.of();
        }
        int left = Math.max(0, weakest - are(begun, State.PRUNED).size());
        return Stream.concat(running.stream(), finished.stream())
                .filter(Progress::isMeasured)
                .sorted(Comparator.comparingDouble(Progress::badness)
                        .thenComparingInt(Progress::sample)
                        .reversed())
                .limit(left)
                .filter(one -> one.state == State.RUNNING)
                .limit(Math.max(0, running.size() - 1))
                .map(Progress::sample)
                .toList();
    }

    private static List<Progress> are(List<Progress> begun, State state) {
        return begun.stream().filter(one -> one.state == state).toList();
    }

    private static double usualTokens(List<Progress> finished) {
        int[] tokens = finished.stream().mapToInt(Progress::tokens).sorted().toArray();
        int middle = tokens.length / 2;
        return tokens.length % 2 == 1 ? tokens[middle] : (tokens[middle - 1] + (double) tokens[middle]) / 2;
    }

    /** What has become of a sample. */
    public enum State {
        RUNNING,
        /** It has all the tokens that it would ever have had. */
        FINISHED,
        /** It was ended for being weak. */
        PRUNED
    }

    /**
     * How far a sample is.
     *
     * @param sample its number
     * @param tokens that it has, at least 0
     * @param badness of its score: the higher, the weaker; NaN if nothing was measured, and then it is not compared
     */
    public record Progress(int sample, State state, int tokens, double badness) {

        private boolean isMeasured() {
            return !Double.isNaN(badness);
        }
    }
}
