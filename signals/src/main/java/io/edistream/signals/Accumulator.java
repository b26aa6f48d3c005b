package io.edistream.signals;

import java.io.IOException;

/**
 * What a {@link MeasuredSignal} remembers of one sequence: a few numbers, whatever the sequence's length. Mutable and
 * used by one thread.
 */
public interface Accumulator {

    /**
     * Takes in the newest token of the window, which has what the signal measures.
     *
     * @param spikes told of a burst or rebound that the token makes
     */
    void add(TokenWindow window, SpikeListener spikes);

    /**
     * The score after the tokens taken in, at least one. The window may have had tokens since that were not taken in.
     *
     * @return NaN or an infinity if there is none
     */
    double score(TokenWindow window);

    /** Writes the state. */
    void write(StateOutput out) throws IOException;

    /** Reads what {@link #write} wrote. */
    void read(StateInput in) throws IOException;
}
