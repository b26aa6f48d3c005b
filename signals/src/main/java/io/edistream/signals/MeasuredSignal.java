package io.edistream.signals;

/**
 * A signal that keeps state of its own from token to token. Stored state is known again by the signal's name, its
 * configuration and the kinds of numbers that it stores: what means something else needs another of these.
 */
public non-sealed interface MeasuredSignal extends Signal {

    /** Tokens before the newest one whose entropies {@link Accumulator#add} or its score read; 0 for none. */
    default int entropyLookback() {
        return 0;
    }

    /** Tokens before the newest one whose confidences the accumulator reads; 0 for none. */
    default int confidenceLookback() {
        return 0;
    }

    /** An accumulator that has seen no token. */
    Accumulator newAccumulator();
}
