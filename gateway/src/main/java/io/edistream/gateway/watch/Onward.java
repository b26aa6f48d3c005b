package io.edistream.gateway.watch;

import io.edistream.sequences.Continuation;
import io.edistream.sequences.Objection;
import java.util.function.Consumer;

/** Whether a choice can go on otherwise, and how. */
public sealed interface Onward {

    /**
     * Another request can be tried, whose answer would be its rest.
     *
     * @param facts of the answer that would be its rest
     * @param method what the other request would give, as far as it can be said before it is asked
     * @param begin begins to; called on the hub's thread, must not wait
     */
    record Possible(AnswerFacts facts, Continuation.Method method, Consumer<Rest> begin) implements Onward {}

    /**
     * Its engine can be asked to end its reasoning, and goes on with it.
     *
     * @param begin asks; called on the hub's thread, must not wait
     */
    record InPlace(Consumer<Forcing> begin) implements Onward {}

    /** It cannot. */
    record Impossible(Objection objection) implements Onward {}
}
