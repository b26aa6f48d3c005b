package io.edistream.gateway.watch;

import io.edistream.sequences.Continuation;

/** The sequence that is to continue a choice on another route. Told by the thread that brings tokens; one of the two comes, once. */
public interface Rest {

    /**
     * The other route answers: tokens of the choice are the rest's from now on.
     *
     * @param method what it was given of the choice
     * @param sharedTokens tokens of the choice so far that it goes on from
     */
    void goesOn(Continuation.Method method, int sharedTokens);

    /** It cannot: tokens of the choice are what they were. */
    void cannot();
}
