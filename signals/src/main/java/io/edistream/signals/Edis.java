package io.edistream.signals;

import java.util.List;

/**
 * Entropy Dynamics Instability Score: (bursts + rebounds) / 2 * (1 + variance of the entropies) (arXiv 2602.01288).
 * Lower is more stable.
 *
 * <p>Bursts and rebounds are counts, so the score grows with length, and since the variance can fall it is not
 * monotone while a sequence runs. The paper scores finished answers; acting on the running value is this project's own
 * step and needs a calibrated limit.
 *
 * @param burst the burst count that it is built from
 * @param rebound the rebound count that it is built from
 */
public record Edis(Burst burst, Rebound rebound) implements DerivedSignal {

    @Override
    public String name() {
        return "edis";
    }

    @Override
    public List<MeasuredSignal> inputs() {
        return List.of(burst, rebound, new EntropyVariance());
    }

    @Override
    public double score(int entropies, double[] inputs) {
        return (inputs[0] + inputs[1]) / 2 * (1 + inputs[2]);
    }
}
