package io.edistream.signals;

import java.io.IOException;

/**
 * What a {@link MeasuredSignal} remembers of one sequence: a few numbers, whatever the sequence's length. Mutable and
 * used by one thread.
 */
public interface Accumulator {

    /**
     * Takes in the newest token of the window.
     *
     * @param spikes told of a burst or rebound that the token makes
     */
    void add(TokenWindow window, SpikeListener spikes);

    /** The score after the newest token of the window, {@link Double#NaN} if there is none. */
    double score(TokenWindow window);

    /**
     * Writes the state: always the same kinds of numbers in the same order, so that a release without the signal can pass
     * over them.
     */
    void write(StateOutput out) throws IOException;

    /** Reads what {@link #write} wrote. */
    void read(StateInput in) throws IOException;
}
