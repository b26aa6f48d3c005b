package io.edistream.signals;

import java.util.List;

/** Mean of the entropies so far, nats; the usual baseline. */
public record MeanEntropy() implements DerivedSignal {

    @Override
    public String name() {
        return "mean_entropy";
    }

    @Override
    public List<MeasuredSignal> inputs() {
        return List.of(new SequenceEntropy());
    }

    @Override
    public double score(int entropies, double[] inputs) {
        return inputs[0] / entropies;
    }
}
