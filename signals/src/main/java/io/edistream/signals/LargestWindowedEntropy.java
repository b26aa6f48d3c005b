package io.edistream.signals;

import java.io.IOException;

/**
 * The largest mean entropy of n consecutive tokens so far, nats; the windowed entropy of ARES (arXiv 2510.08457), of
 * which we keep the maximum. Until n tokens have come, the mean of those there are (our choice).
 *
 * @param windowTokens n, 1 to {@value #MAX_WINDOW_TOKENS}; 8 is our choice
 */
public record LargestWindowedEntropy(int windowTokens) implements MeasuredSignal {

    /** The largest window. */
    public static final int MAX_WINDOW_TOKENS = 64;

    /** Window of 8 tokens. */
    public static final LargestWindowedEntropy DEFAULT = new LargestWindowedEntropy(8);

    /**
     * @throws IllegalArgumentException if the bound is violated
     */
    public LargestWindowedEntropy {
        Requirements.requireWithin("entropy window", windowTokens, 1, MAX_WINDOW_TOKENS);
    }

    @Override
    public String name() {
        return "largest_windowed_entropy";
    }

    @Override
    public Measurement measurement() {
        return Measurement.ENTROPY;
    }

    @Override
    public int entropyLookback() {
        return windowTokens - 1;
    }

    @Override
    public Accumulator newAccumulator() {
        return new State();
    }

    private final class State implements Accumulator {
        private double largest;

        @Override
        public void add(TokenWindow window, SpikeListener spikes) {
            double mean = window.meanEntropy(windowTokens);
            largest = window.entropies() <= windowTokens ? mean : Math.max(largest, mean);
        }

        @Override
        public double score(TokenWindow window) {
            return largest;
        }

        @Override
        public void write(StateOutput out) throws IOException {
            out.writeDouble(largest);
        }

        @Override
        public void read(StateInput in) throws IOException {
            largest = in.readDouble();
        }
    }
}
