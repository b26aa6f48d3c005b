package io.edistream.cli;

/**
 * Whether somebody is watching. Java cannot tell standard output and standard error apart in this, so the {@code
 * edistream} script looks and says it in system properties.
 */
public final class Terminal {

    private Terminal() {}

    /** Whether standard output is a terminal. */
    public static boolean showsOutput() {
        return Boolean.getBoolean("edistream.terminal.out");
    }

    /** Whether standard error is a terminal. */
    public static boolean showsErrors() {
        return Boolean.getBoolean("edistream.terminal.err");
    }
}
