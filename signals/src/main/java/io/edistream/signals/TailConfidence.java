package io.edistream.signals;

/**
 * Mean confidence of the last n tokens, nats; high is confident (DeepConf, arXiv 2508.15260). Of all tokens if there
 * are fewer. It keeps nothing beyond the window.
 *
 * @param groupTokens n, 1 to {@value LowestGroupConfidence#MAX_GROUP_TOKENS}
 */
public record TailConfidence(int groupTokens) implements MeasuredSignal {

    /** The last 32 tokens. */
    public static final TailConfidence DEFAULT = new TailConfidence(32);

    /**
     * @throws IllegalArgumentException if the bound is violated
     */
    public TailConfidence {
        Requirements.requireWithin("confidence group", groupTokens, 1, LowestGroupConfidence.MAX_GROUP_TOKENS);
    }

    @Override
    public String name() {
        return "tail_confidence";
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

        @Override
        public void add(TokenWindow window, SpikeListener spikes) {}

        @Override
        public double score(TokenWindow window) {
            return window.meanConfidence(groupTokens);
        }

        @Override
        public void write(StateOutput out) {}

        @Override
        public void read(StateInput in) {}
    }
}
