package io.edistream.sequences;

/** Why a sequence ended. */
public enum EndReason {
    /** The model said so. */
    END_OF_SEQUENCE,
    /** The request's token limit was reached. */
    LENGTH,
    /** A text that its caller named came up. */
    STOP_STRING,
    /** A command stopped it, and its generation goes on elsewhere. */
    REROUTED,
    /** A command ended its thinking, and its generation goes on with another sequence. */
    CONCLUDED,
    /** A command stopped it. */
    ABORTED,
    /** A command stopped it as the weakest of its group. */
    PRUNED,
    /** Its caller gave up, or the service was closed. */
    CANCELLED,
    /** The model failed. */
    ERROR;

    /** Whether nobody stopped it: it has all the tokens that it would ever have had. */
    public boolean isNatural() {
        return this == END_OF_SEQUENCE || this == LENGTH || this == STOP_STRING;
    }
}
