package io.edistream.signals;

import java.io.IOException;

/**
 * exp of minus the mean log-probability of the chosen tokens, at least 1; a baseline.
 *
 * <p>Absent from the first token on that has an entropy and no log-probability: a sentinel there means an improbable
 * token, and a mean without it would flatter. A token that has neither was not measured at all and is skipped.
 */
public record Perplexity() implements MeasuredSignal {

    @Override
    public String name() {
        return "perplexity";
    }

    @Override
    public Measurement measurement() {
        return Measurement.ANY;
    }

    @Override
    public Accumulator newAccumulator() {
        return new State();
    }

    private static final class State implements Accumulator {
        private double logprobs;
        private int skipped;

        @Override
        public void add(TokenWindow window, SpikeListener spikes) {
            if (window.newestHasEntropy() || !Double.isNaN(window.logprob())) {
                // One that is unmeasured makes the sum NaN for good.
                logprobs += window.logprob();
            } else {
                skipped++;
            }
        }

        @Override
        public double score(TokenWindow window) {
            // Not Math, whose last bit may differ between machines: a replay must give the same bytes on each.
            return StrictMath.exp(-logprobs / (window.tokens() - skipped));
        }

        @Override
        public void write(StateOutput out) throws IOException {
            out.writeDouble(logprobs);
            out.writeCount(skipped);
        }

        @Override
        public void read(StateInput in) throws IOException {
            logprobs = in.readDouble();
            skipped = in.readCount();
        }
    }
}
