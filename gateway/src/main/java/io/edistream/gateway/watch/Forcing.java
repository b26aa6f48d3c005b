package io.edistream.gateway.watch;

/** The end of a choice's reasoning, which its engine was asked to force. Told by the thread that brings tokens; at most one of the two comes. */
public interface Forcing {

    /** The reasoning has ended. */
    void isThrough();

    /**
     * It is not forced.
     *
     * @param why one sentence for people
     */
    void isInVain(String why);
}
