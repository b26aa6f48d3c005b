package io.edistream.sequences.control;

/** What became of a command. */
public enum OutcomeKind {
    /** This generator never had the sequence. */
    UNKNOWN,
    /** Done. */
    APPLIED,
    /** The sequence had ended. */
    TOO_LATE,
    /** This id was applied before. */
    DUPLICATE,
    /** This source of tokens cannot do that, or the command makes no sense. */
    UNSUPPORTED,
    /** A limit forbids it, or it was tried and failed. */
    REFUSED,
    /** Not armed, only reported. */
    SHADOW,
    /** Older than accepted. */
    DISARMED,
    /** Applied before, and its effect ended without doing its job. */
    WITHDRAWN
}
