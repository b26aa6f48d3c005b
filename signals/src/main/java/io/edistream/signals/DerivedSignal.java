package io.edistream.signals;

import java.util.List;

/** A signal of the entropies that is a function of others and keeps no state. */
public non-sealed interface DerivedSignal extends Signal {

    /** The signals that it is computed from. */
    List<MeasuredSignal> inputs();

    /**
     * The score.
     *
     * @param entropies tokens with an entropy, at least 1
     * @param inputs current scores of {@link #inputs()}, in their order
     */
    double score(int entropies, double[] inputs);
}
