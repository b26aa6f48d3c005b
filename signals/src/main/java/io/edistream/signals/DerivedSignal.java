package io.edistream.signals;

import java.util.List;

/** A signal that is a function of others and keeps no state. */
public non-sealed interface DerivedSignal extends Signal {

    /** The signals that it is computed from. */
    List<MeasuredSignal> inputs();

    /**
     * The score.
     *
     * @param tokens tokens seen, at least 1
     * @param inputs current scores of {@link #inputs()}, in their order
     */
    double score(int tokens, double[] inputs);
}
