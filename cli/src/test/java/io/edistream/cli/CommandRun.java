package io.edistream.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import picocli.CommandLine;

/** Runs the command in this JVM and keeps what it prints. */
public final class CommandRun {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** The exit code. */
    public int execute(String... arguments) {
        return execute(new PrintWriter(out, true), arguments);
    }

    /** The exit code if standard output is full. */
    public int executeWithoutOutput(String... arguments) {
        return execute(
                new PrintWriter(new Writer() {
                    @Override
                    public void write(char[] characters, int offset, int length) {
                        throw UserError.failedWork("standard output takes no more");
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                }),
                arguments);
    }

    private int execute(PrintWriter to, String... arguments) {
        CommandLine commandLine = Edistream.commandLine().setOverwrittenOptionsAllowed(true);
        commandLine.setOut(to);
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
