package io.edistream.sequences;

/** How far an intervention that was applied goes. */
public enum Effect {
    /** The engine decodes no further, or does what was asked from the next token on. */
    STOPPED(""),

    /** The connection to the engine is closed. */
    CLOSED("closed, not stopped: whether the engine decodes on cannot be seen"),

    /** The caller sees no more of it. */
    HIDDEN("hidden, not stopped: the engine decodes on for others");

    private final String caveat;

    Effect(String caveat) {
        this.caveat = caveat;
    }

    /** What people should know about it, in one sentence; empty if nothing is missing. */
    public String caveat() {
        return caveat;
    }
}
