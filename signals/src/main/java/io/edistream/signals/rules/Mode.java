package io.edistream.signals.rules;

/** Whether a rule may act. */
public enum Mode {
    /** It sends no commands. */
    OFF,
    /** Its commands only report. */
    SHADOW,
    /** Its commands are obeyed. */
    ARMED
}
