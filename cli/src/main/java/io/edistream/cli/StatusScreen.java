package io.edistream.cli;

import java.io.PrintWriter;

/**
 * Where the lines of what runs on go: on a terminal the status stands in the last line and is written anew each time, elsewhere it is a
 * line like others. Thread-safe.
 */
public final class StatusScreen {

    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintWriter err;
    private final boolean terminal;
    private final int columns;
    private String status = "";

    /**
     * @param columns that a line of the terminal has
     */
    public StatusScreen(PrintWriter err, boolean terminal, int columns) {
        this.err = err;
        this.terminal = terminal;
        this.columns = columns;
    }

    /** Whether the status can be written over. */
    public boolean isTerminal() {
        return terminal;
    }

    /** Says something for good. */
    public synchronized void say(String sentence) {
        err.print((terminal ? CLEAR_LINE : "") + "edistream: " + sentence + System.lineSeparator() + status);
        err.flush();
    }

    /** Shows how things are. */
    public synchronized void show(String line) {
        if (!terminal) {
            say(line);
            return;
        }
        // A line that wraps could not be written over.
        status = line.length() < columns ? line : line.substring(0, Math.max(0, columns - 1));
        err.print(CLEAR_LINE + status);
        err.flush();
    }

    /** Takes the status away, so that what follows begins on a line of its own. */
    public synchronized void end() {
        if (terminal) {
            status = "";
            err.print(CLEAR_LINE);
            err.flush();
        }
    }
}
