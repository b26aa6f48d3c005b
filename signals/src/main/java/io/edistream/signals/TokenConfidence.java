package io.edistream.signals;

import java.io.IOException;

/** Mean token confidence so far, nats; high is confident (DeepConf, arXiv 2508.15260). */
public record TokenConfidence() implements MeasuredSignal {

    @Override
    public String name() {
        return "token_confidence";
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
    public Accumulator newAccumulator() {
        return new State();
    }

    private static final class State implements Accumulator {
        private double sum;

        @Override
        public void add(TokenWindow window, SpikeListener spikes) {
            sum += window.confidence(0);
        }

        @Override
        public double score(TokenWindow window) {
            return sum / window.confidences();
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
