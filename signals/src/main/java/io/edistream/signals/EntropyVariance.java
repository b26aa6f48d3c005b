package io.edistream.signals;

import java.io.IOException;

/**
 * Population variance of the entropies so far, nats squared, by Welford's update (Technometrics 4(3), 1962); a part of
 * EDIS (arXiv 2602.01288). It can fall while a sequence runs.
 */
public record EntropyVariance() implements MeasuredSignal {

    @Override
    public String name() {
        return "entropy_variance";
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
        private double mean;
        private double squaredDeviations;

        @Override
        public void add(TokenWindow window, SpikeListener spikes) {
            double now = window.entropy(0);
            double deviation = now - mean;
            mean += deviation / window.entropies();
            squaredDeviations += deviation * (now - mean);
        }

        @Override
        public double score(TokenWindow window) {
            return squaredDeviations / window.entropies();
        }

        @Override
        public void write(StateOutput out) throws IOException {
            out.writeDouble(mean);
            out.writeDouble(squaredDeviations);
        }

        @Override
        public void read(StateInput in) throws IOException {
            mean = in.readDouble();
            squaredDeviations = in.readDouble();
        }
    }
}
