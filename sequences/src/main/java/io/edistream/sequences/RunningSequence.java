package io.edistream.sequences;

import java.util.List;
import java.util.Optional;

/**
 * A sequence that can be told to stop or to fork, whatever produces its tokens. Used by one thread, the one that
 * decodes.
 */
public interface RunningSequence {

    /** Its number in the generator. */
    long counter();

    /** Tokens that it has so far. */
    int tokens();

    /** Its prompt group. */
    PromptGroup group();

    /** Why the intervention is not possible, empty if it is. Changes nothing. */
    Optional<Objection> objectionTo(Intervention intervention);

    /** How far it would go now. Changes nothing. */
    Effect effectOf(Intervention intervention);

    /**
     * Does it; it takes effect before the next token.
     *
     * @return numbers of the sequences that were started, at most as many as asked for; for a reroute, and a conclusion that another
     *     sequence goes on with, that one
     * @throws IllegalStateException if there is an objection
     */
    List<Long> apply(Intervention intervention);

    /** How often its generation has gone on with another sequence. */
    int continuations();

    /** Whether tokens that were forced on it are not in it yet. */
    boolean isForcing();

    /** Takes back what lasts of all that was applied to it, but for what it {@linkplain #isForcing is forcing} after that. */
    void withdraw();
}
