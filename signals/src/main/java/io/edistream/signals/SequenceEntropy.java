package io.edistream.signals;

import java.io.IOException;

/** Sum of the entropies so far, nats; a baseline that grows with length. */
public record SequenceEntropy() implements MeasuredSignal {

    @Override
    public String name() {
        return "sequence_entropy";
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

        @Override
        public void add(TokenWindow window, SpikeListener spikes) {
            sum += window.entropy(0);
        }

        @Override
        public double score(TokenWindow window) {
            return sum;
        }

        @Override
        public void write(StateOutput out) throws IOException {
            out.writeDouble(sum);
        }

        @Override
        public void read(StateInput in) throws IOException {
            sum = in.readDouble();
        }
    }
}
