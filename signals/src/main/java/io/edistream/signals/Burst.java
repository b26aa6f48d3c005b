package io.edistream.signals;

import java.io.IOException;

/**
 * Bursts so far: how many tokens t have H_t - H_(t-w) above a threshold, an end-point difference over w tokens
 * (arXiv 2602.01288). A count; high is unstable.
 *
 * @param windowTokens w, 1 to {@value #MAX_WINDOW_TOKENS}. The paper does not publish its window; 8 is our choice.
 * @param thresholdNats the rise that must be exceeded, nats; 1.36 in the paper, for Qwen2.5-Math-1.5B
 */
public record Burst(int windowTokens, double thresholdNats) implements MeasuredSignal {

    /** The largest window. */
    public static final int MAX_WINDOW_TOKENS = 64;

    /** Window of 8 tokens, threshold of 1.36 nats. */
    public static final Burst DEFAULT = new Burst(8, 1.36);

    /**
     * @throws IllegalArgumentException if a bound is violated
     */
    public Burst {
        Requirements.requireWithin("burst window", windowTokens, 1, MAX_WINDOW_TOKENS);
        Requirements.requireNotNegative("burst threshold", thresholdNats);
    }

    @Override
    public String name() {
        return "burst";
    }

    @Override
    public Measurement measurement() {
        return Measurement.ENTROPY;
    }

    @Override
    public int entropyLookback() {
        return windowTokens;
    }

    @Override
    public Accumulator newAccumulator() {
        return new State();
    }

    private final class State implements Accumulator {
        private int bursts;

        @Override
        public void add(TokenWindow window, SpikeListener spikes) {
            if (window.entropies() <= windowTokens) {
                return;
            }
            double earlier = window.entropy(windowTokens);
            double now = window.entropy(0);
            if (now - earlier > thresholdNats) {
                bursts++;
                spikes.onSpike(SpikeListener.Kind.BURST, now, earlier, thresholdNats);
            }
        }

        @Override
        public double score(TokenWindow window) {
            return bursts;
        }

        @Override
        public void write(StateOutput out) throws IOException {
            out.writeCount(bursts);
        }

        @Override
        public void read(StateInput in) throws IOException {
            bursts = in.readCount();
        }
    }
}
