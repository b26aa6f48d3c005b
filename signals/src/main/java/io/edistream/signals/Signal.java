package io.edistream.signals;

/**
 * A named number per sequence, defined after every token. Implementations are records: their components are the
 * signal's configuration, and equal records measure the same thing, so that signals can share an accumulator.
 */
public sealed interface Signal permits MeasuredSignal, DerivedSignal {

    /** Name in lower case with underscores: field in scores, label in metrics, key in reports. */
    String name();

    /** Whether a high score speaks of an unstable sequence; if not, a low one does. */
    default boolean highIsUnstable() {
        return true;
    }
}
