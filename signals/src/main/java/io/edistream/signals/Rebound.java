package io.edistream.signals;

import java.io.IOException;

/**
 * Rebounds so far: how many tokens t have H_t - min(H_1..H_(t-1)) above a threshold (arXiv 2602.01288). A count; high
 * is unstable. The minimum never resets, so after one confident token a rebound is close to "H_t above the threshold".
 *
 * @param thresholdNats the rise that must be exceeded, nats; 1.33 in the paper, for Qwen2.5-Math-1.5B
 */
public record Rebound(double thresholdNats) implements MeasuredSignal {

    /** Threshold of 1.33 nats. */
    public static final Rebound DEFAULT = new Rebound(1.33);

    /**
     * @throws IllegalArgumentException if the threshold is negative or not finite
     */
    public Rebound {
        Requirements.requireNotNegative("rebound threshold", thresholdNats);
    }

    @Override
    public String name() {
        return "rebound";
    }

    @Override
    public Measurement measurement() {
        return Measurement.ENTROPY;
    }

    @Override
    public Accumulator newAccumulator() {
        return new State();
    }

    private final class State implements Accumulator {
        private double minimum = Double.POSITIVE_INFINITY;
        private int rebounds;

        @Override
        public void add(TokenWindow window, SpikeListener spikes) {
            double now = window.entropy(0);
            if (now - minimum > thresholdNats) {
                rebounds++;
                spikes.onSpike(SpikeListener.Kind.REBOUND, now, minimum, thresholdNats);
            }
            minimum = Math.min(minimum, now);
        }

        @Override
        public double score(TokenWindow window) {
            return rebounds;
        }

        @Override
        public void write(StateOutput out) throws IOException {
            out.writeFloat(minimum);
            out.writeCount(rebounds);
        }

        @Override
        public void read(StateInput in) throws IOException {
            minimum = in.readFloat();
            rebounds = in.readCount();
        }
    }
}
