package io.edistream.sequences;

/** What can be done to a running sequence. */
public sealed interface Intervention {

    /**
     * Stop it and free its slot.
     *
     * @param reason what it then has ended for
     */
    record Stop(EndReason reason) implements Intervention {}

    /**
     * Fork it: each child keeps the tokens before {@code atToken} and takes another token there.
     *
     * @param atToken index of the first token that the children decode themselves
     * @param width how many children to start, at most
     */
    record Branch(int atToken, int width) implements Intervention {}
}
