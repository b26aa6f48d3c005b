package io.edistream.sequences;

import java.util.Optional;

/** Finds sequences by number. Used by one thread, the one that decodes. */
public interface SequenceDirectory {

    /** The sequence if it runs. */
    Optional<RunningSequence> running(long counter);

    /** Whether there was such a sequence and it has ended. */
    boolean hasEnded(long counter);

    /** Names of a sequence that runs or ended lately; {@link SequenceNames#UNKNOWN} of any other. */
    SequenceNames names(long counter);
}
