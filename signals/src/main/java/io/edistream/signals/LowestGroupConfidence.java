package io.edistream.signals;

import java.io.IOException;

/**
 * The lowest group confidence so far, nats, a group being the mean confidence of n consecutive tokens; high is
 * confident (DeepConf, arXiv 2508.15260). Until n tokens have come, the mean of those there are (our choice).
 *
 * @param groupTokens n, 1 to {@value #MAX_GROUP_TOKENS}, all of which are kept. The paper uses 2048 for answers of ten
 *     thousands of tokens; 32 suits the shipped reasoners.
 */
public record LowestGroupConfidence(int groupTokens) implements MeasuredSignal {

    /** The largest group. */
    public static final int MAX_GROUP_TOKENS = 64;

    /** Groups of 32 tokens. */
    public static final LowestGroupConfidence DEFAULT = new LowestGroupConfidence(32);

    /**
     * @throws IllegalArgumentException if the bound is violated
     */
    public LowestGroupConfidence {
        Requirements.requireWithin("confidence group", groupTokens, 1, MAX_GROUP_TOKENS);
    }

    @Override
    public String name() {
        return "lowest_group_confidence";
    }

    @Override
    public boolean highIsUnstable() {
        return false;
    }

    @Override
    public Measurement measurement() {
        return Measurement.CONFIDENCE;
    }

    @Override
    public int confidenceLookback() {
        return groupTokens - 1;
    }

    @Override
    public Accumulator newAccumulator() {
        return new State();
    }

    private final class State implements Accumulator {
        private double lowest;

        @Override
        public void add(TokenWindow window, SpikeListener spikes) {
            double group = window.meanConfidence(groupTokens);
            lowest = window.confidences() <= groupTokens ? group : Math.min(lowest, group);
        }

        @Override
        public double score(TokenWindow window) {
            return lowest;
        }

        @Override
        public void write(StateOutput out) throws IOException {
            out.writeDouble(lowest);
        }

        @Override
        public void read(StateInput in) throws IOException {
            lowest = in.readDouble();
        }
    }
}
