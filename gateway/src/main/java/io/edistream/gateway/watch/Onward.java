package io.edistream.gateway.watch;

import io.edistream.sequences.Continuation;
import io.edistream.sequences.Objection;
import java.util.function.Consumer;

/** Whether a choice can go on on another route, and how. */
public sealed interface Onward {

    /**
     * It can be tried.
     *
     * @param facts of the answer that would be its rest
     * @param method what the other route would be given, as far as it can be said before it is asked
     * @param begin begins to; called on the hub's thread, must not wait
     */
    record Possible(AnswerFacts facts, Continuation.Method method, Consumer<Rest> begin) implements Onward {}

    /** It cannot. */
    record Impossible(Objection objection) implements Onward {}
}
