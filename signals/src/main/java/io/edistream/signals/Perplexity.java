package io.edistream.signals;

import java.io.IOException;

/** exp of minus the mean log-probability of the chosen tokens, at least 1; a baseline. */
public record Perplexity() implements MeasuredSignal {

    @Override
    public String name() {
        return "perplexity";
    }

    @Override
    public Accumulator newAccumulator() {
        return new State();
    }

    private static final class State implements Accumulator {
        private double logprobs;

        @Override
        public void add(TokenWindow window, SpikeListener spikes) {
            logprobs += window.logprob();
        }

        @Override
        public double score(TokenWindow window) {
            // Not Math, whose last bit may differ between machines: a replay must give the same bytes on each.
            return StrictMath.exp(-logprobs / window.tokens());
        }

        @Override
        public void write(StateOutput out) throws IOException {
            out.writeDouble(logprobs);
        }

        @Override
        public void read(StateInput in) throws IOException {
            logprobs = in.readDouble();
        }
    }
}
