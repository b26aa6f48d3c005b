package io.edistream.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** Runs the command in this JVM and keeps what it prints. */
public final class CommandRun {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** The exit code. */
    public int execute(String... arguments) {
        CommandLine commandLine = Edistream.commandLine().setOverwrittenOptionsAllowed(true);
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }

    /** What went to standard output so far. */
    public String out() {
        return out.toString();
    }

    /** What went to standard error so far. */
    public String err() {
        return err.toString();
    }

    @Override
    public String toString() {
        return out() + err();
    }
}
