package io.edistream.sequences;

/** Why an intervention is refused that would be possible otherwise. */
public enum RefusalReason {
    /** No other sequence of the group is left. */
    LAST_OF_GROUP,
    /** The group may not have more sequences. */
    GROUP_LIMIT,
    /** No slot or memory is free. */
    NO_ROOM,
    /** The state of the sequence forbids it, for instance a token that it does not have yet. */
    NOT_NOW,
    /** It could not be continued without changing what was generated. */
    NOT_EXACT,
    /** The caller's own request forbids it. */
    CALLER,
    /** It was tried and failed. */
    FAILED,
    /** The sentence says it. */
    OTHER
}
