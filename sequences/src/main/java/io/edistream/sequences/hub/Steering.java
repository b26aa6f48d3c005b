package io.edistream.sequences.hub;

import io.edistream.sequences.Effect;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.Objection;
import java.util.List;
import java.util.Optional;

/** What an engine can do with one sequence. Used by the hub's thread. */
public interface Steering {

    /** Why the intervention, which is one of its engine's abilities, is not possible; empty if it is. Changes nothing. */
    Optional<Objection> objectionTo(Intervention intervention);

    /** How far it would go now, if there is no objection to it. Changes nothing. */
    default Effect effectOf(Intervention intervention) {
        return Effect.STOPPED;
    }

    /**
     * Does what it has no objection to; it takes effect before the next token.
     *
     * @return the sequences that were started and are tracked by the hub; for a reroute, and a conclusion that another sequence
     *     goes on with, that one
     */
    List<TrackedSequence> apply(Intervention intervention);

    /** Whether tokens that it was told to force are not in the sequence yet. */
    boolean isForcing();

    /**
     * Takes back what lasts: draws as at the start, and forces nothing that is not in the sequence yet. What it
     * {@linkplain #isForcing is forcing} after that could not be taken back.
     */
    void withdraw();

    /** Produces no more tokens of it, whether it waits or runs, and {@linkplain TrackedSequence#end ends} it. */
    void stop(EndReason reason);

    /** The hub has reported the sequence's end. */
    void reported(EndReason reason);
}
