package io.edistream.gateway.server;

import io.edistream.gateway.reading.ChoicePassage;
import org.jspecify.annotations.Nullable;

/** A request to an upstream, as what reads its answer sees it. Used on the gateway's event loop. */
interface Asking {

    /** What all requests share. */
    Face face();

    /** Whether nobody waits for it any more. */
    boolean isOver();

    /** When it began, on the clock of {@link System#nanoTime}. */
    long begunNanos();

    /** Something came from the upstream. */
    void activity();

    /** Asks the same once more, as the client wrote it. */
    void askPlainly();

    /** The upstream is told that nobody listens any more. */
    void dropUpstream();

    /**
     * What the upstream counted.
     *
     * @param prompt tokens; not above 0 if it did not say
     */
    void tellUsage(int prompt, int completion);

    /** What the answer in the text of its only choice is; null if there is none, or it is not looked for. */
    default @Nullable String answer() {
        return null;
    }

    /** A part of a choice was read. */
    default void took(ChoicePassage part) {}
}
