package io.edistream.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * Standard output as it should be: UTF-8 whatever the locale, since ids must not change on their way through, and with an
 * end when nobody takes what is written. Java's own swallows that, and the work would go on for nothing.
 */
final class StandardOutput extends FilterOutputStream {

    /** What the system says of a pipe that nobody reads. */
    private static final String CLOSED = "Broken pipe";

    StandardOutput(OutputStream out) {
        super(out);
    }

    /** A writer to standard output; it flushes when it is told to. */
    static PrintWriter writer() {
        OutputStream out = new StandardOutput(new FileOutputStream(FileDescriptor.out));
        return new PrintWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            String message = "standard output takes no more: " + e.getMessage();
            throw String.valueOf(e.getMessage()).contains(CLOSED)
                    ? UserError.endOfOutput(message)
                    : UserError.failedWork(message);
        }
    }
}
