package io.edistream.sequences;

/** What a token is part of. */
public enum Phase {
    /** The source does not tell. */
    UNKNOWN,
    /** Reasoning that is not part of the answer. */
    THINKING,
    /** The answer. */
    ANSWERING,
    /** The call of a tool. */
    TOOL_CALL,
    /** Something else, for instance a template's marks. */
    OTHER
}
