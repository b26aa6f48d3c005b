package io.edistream.jobs.watch;

import org.jspecify.annotations.Nullable;

/**
 * Keeps what is remembered of one source and its sequences: the source whose record or timer is being handled. What is
 * got may be changed, and must then be put back; what is new is created.
 */
public interface Store {

    /** The source; null if nothing is known of it. */
    @Nullable
    GeneratorState generator();

    /** Keeps a source that was not known. */
    void create(GeneratorState state);

    /** Puts the source back. */
    void put(GeneratorState state);

    /** Forgets the source. */
    void removeGenerator();

    /** A sequence of the source; null if it does not run. */
    @Nullable
    SequenceState sequence(long counter);

    /** Keeps a sequence that did not run. */
    void create(long counter, SequenceState state);

    /** Puts a sequence back. */
    void put(long counter, SequenceState state);

    /** Forgets a sequence. */
    void removeSequence(long counter);

    /** Sets the source's timer, milliseconds of processing time, in addition to any that was set before. */
    void setTimer(long millis);
}
