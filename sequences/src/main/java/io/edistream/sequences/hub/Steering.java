package io.edistream.sequences.hub;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.Objection;
import java.util.List;
import java.util.Optional;

/** What an engine can do with one sequence. Used by the hub's thread. */
public interface Steering {

    /** Why the intervention is not possible, empty if it is; what the engine cannot do at all is unsupported. Changes nothing. */
    Optional<Objection> objectionTo(Intervention intervention);

    /**
     * Does what it has no objection to; it takes effect before the next token.
     *
     * @return the sequences that were started, tracked by the hub and open
     */
    List<TrackedSequence> apply(Intervention intervention);

    /** Produces no more tokens of it, whether it waits or runs, and {@linkplain TrackedSequence#end ends} it. */
    void stop(EndReason reason);

    /** The hub has reported the sequence's end. */
    void reported(EndReason reason);
}
