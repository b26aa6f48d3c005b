package io.edistream.signals;

import java.io.IOException;

/**
 * Mean width of the bounds of the entropies, upper minus lower, nats, over the tokens that have an upper one (our own):
 * how much of a bounded entropy is unknown. Absent where entropies are exact or no upper bound is known.
 */
public record EntropyGap() implements MeasuredSignal {

    @Override
    public String name() {
        return "entropy_gap";
    }

    @Override
    public Measurement measurement() {
        return Measurement.ENTROPY;
    }

    @Override
    public Accumulator newAccumulator() {
        return new State();
    }

    private static final class State implements Accumulator {
        private double sum;
        private int bounded;

        @Override
        public void add(TokenWindow window, SpikeListener spikes) {
            double gap = window.gap();
            if (!Double.isNaN(gap)) {
                sum += gap;
                bounded++;
            }
        }

        @Override
        public double score(TokenWindow window) {
            return sum / bounded;
        }

        @Override
        public void write(StateOutput out) throws IOException {
            out.writeCount(bounded);
            if (bounded > 0) {
                out.writeDouble(sum);
            }
        }

        @Override
        public void read(StateInput in) throws IOException {
            bounded = in.readCount();
            sum = bounded > 0 ? in.readDouble() : 0;
        }
    }
}
