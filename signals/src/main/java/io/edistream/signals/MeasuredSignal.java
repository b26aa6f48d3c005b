package io.edistream.signals;

/** A signal that keeps state of its own from token to token. */
public non-sealed interface MeasuredSignal extends Signal {

    /** Which tokens its accumulator is given; it has no score before the first of them. */
    Measurement measurement();

    /** Entropies before the newest one that {@link Accumulator#add} or its score read; 0 for none. */
    default int entropyLookback() {
        return 0;
    }

    /** Confidences before the newest one that the accumulator reads; 0 for none. */
    default int confidenceLookback() {
        return 0;
    }

    /** An accumulator that has seen no token. */
    Accumulator newAccumulator();
}
