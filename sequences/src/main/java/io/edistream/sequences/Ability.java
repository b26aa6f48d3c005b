package io.edistream.sequences;

/** What an engine may be able to do with a running sequence. */
public enum Ability {
    /** Stop it. */
    STOP,
    /** Fork it at a token that it has. */
    BRANCH,
    /** Force tokens into it. */
    CONCLUDE,
    /** Continue its generation on another route. */
    REROUTE,
    /** Change how its tokens are drawn. */
    SET_SAMPLING,
    /** Start more samples of its prompt. */
    START
}
