package io.edistream.signals;

import java.io.IOException;

/**
 * How many tokens differ from the one before them by more than a threshold in entropy, up or down: the simple spike
 * that motivates EDIS (arXiv 2602.01288). A count.
 *
 * @param thresholdNats the change that must be exceeded, nats; 0.7 in the paper
 */
public record SpikeCount(double thresholdNats) implements MeasuredSignal {

    /** Threshold of 0.7 nats. */
    public static final SpikeCount DEFAULT = new SpikeCount(0.7);

    /**
     * @throws IllegalArgumentException if the threshold is negative or not finite
     */
    public SpikeCount {
        Requirements.requireNotNegative("spike threshold", thresholdNats);
    }

    @Override
    public String name() {
        return "spike_count";
    }

    @Override
    public Measurement measurement() {
        return Measurement.ENTROPY;
    }

    @Override
    public int entropyLookback() {
        return 1;
    }

    @Override
    public Accumulator newAccumulator() {
        return new State();
    }

    private final class State implements Accumulator {
        private int spikes;

        @Override
        public void add(TokenWindow window, SpikeListener listener) {
            if (window.entropies() > 1 && Math.abs(window.entropy(0) - window.entropy(1)) > thresholdNats) {
                spikes++;
            }
        }

        @Override
        public double score(TokenWindow window) {
            return spikes;
        }

        @Override
        public void write(StateOutput out) throws IOException {
            out.writeCount(spikes);
        }

        @Override
        public void read(StateInput in) throws IOException {
            spikes = in.readCount();
        }
    }
}
