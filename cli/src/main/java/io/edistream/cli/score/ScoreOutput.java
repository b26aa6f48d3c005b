package io.edistream.cli.score;

import io.edistream.signals.SequenceSignals;

/** Writes scores in one of the formats. */
interface ScoreOutput {

    /** Writes what stands before all scores. */
    void begin();

    /**
     * Writes the scores of one sequence.
     *
     * @throws IllegalArgumentException if the format cannot carry the sequence's id
     */
    void write(RecordedSequence sequence, SequenceSignals signals);
}
