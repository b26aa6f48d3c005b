package io.edistream.cli;

/**
 * Whether somebody is watching. Java cannot tell standard output and standard error apart in this, so the {@code
 * edistream} script looks and says it in system properties.
 */
public final class Terminal {

    private static final int USUAL_COLUMNS = 100;
    private static final int USUAL_ROWS = 24;

    private Terminal() {}

    /** Characters per line. */
    public static int columns() {
        return Integer.getInteger("edistream.terminal.columns", USUAL_COLUMNS);
    }

    /** Lines. */
    public static int rows() {
        return Integer.getInteger("edistream.terminal.rows", USUAL_ROWS);
    }

    /** Whether standard output is a terminal that can do more than write on. */
    public static boolean showsOutput() {
        return Boolean.getBoolean("edistream.terminal.out");
    }

    /** Whether standard output takes colours and nobody has said that they are unwanted (https://no-color.org). */
    public static boolean showsColours() {
        String unwanted = System.getenv("NO_COLOR");
        return showsOutput() && (unwanted == null || unwanted.isEmpty());
    }

    /** Whether standard error is a terminal. */
    public static boolean showsErrors() {
        return Boolean.getBoolean("edistream.terminal.err");
    }
}
