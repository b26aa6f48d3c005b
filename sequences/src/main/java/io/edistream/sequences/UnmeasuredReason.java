package io.edistream.sequences;

/** Why a token is without some or all of its measurements. */
public enum UnmeasuredReason {
    /** The source put the token there. */
    FORCED,
    /** The engine decoded it and does not show it. */
    HIDDEN,
    /** A draft that was accepted, without a distribution of its own. */
    SPECULATED,
    /** Its measurement got lost on the way. */
    LOST,
    /** The engine sent a value that stands for none. */
    SENTINEL,
    /** The engine gave or took no log-probabilities, or too few of them. */
    NOT_OFFERED,
    /** The engine repeated the list of another token. */
    REPEATED
}
