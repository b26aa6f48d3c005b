package io.edistream.sequences.control;

/** What a command can ask for. */
public enum ControlAction {
    /** Not known to this release. */
    UNKNOWN,
    /** Stop a sequence. */
    ABORT,
    /** End its thinking and let it answer. */
    CONCLUDE,
    /** Fork it at a token. */
    BRANCH,
    /** Abort the weakest of a group. */
    PRUNE,
    /** Continue the request elsewhere. */
    REROUTE,
    /** Change its sampling. */
    SET_SAMPLING,
    /** Start more samples of its group. */
    START
}
