package io.edistream.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The lines of a stream as ranges of one buffer, which is used for all of them: a line is copied only when the buffer runs
 * out in its middle. Lines end in LF; a CR before it is part of the line, and JSON does not mind.
 */
public final class ByteLines {

    private static final int FIRST_CAPACITY = 1 << 16;

    private final InputStream in;
    private final int maxLineBytes;
    private byte[] buffer;
    private int nextLine;
    private int scanned;
    private int filled;
    private int from;
    private int to;
    private long number;
    private boolean skipping;
    private boolean tooLong;

    /**
     * @param maxLineBytes longer lines are passed over
     */
    public ByteLines(InputStream in, int maxLineBytes) {
        this.in = in;
        this.maxLineBytes = maxLineBytes;
        this.buffer = new byte[Math.min(FIRST_CAPACITY, maxLineBytes + 1)];
    }

    /**
     * Goes to the next line.
     *
     * @return whether there is one
     * @throws IOException if the stream cannot be read on; what it gave of a line that it did not end is dropped
     */
    public boolean next() throws IOException {
        do {
            while (scanned < filled) {
                if (buffer[scanned++] == '\n') {
                    take(scanned - 1, scanned);
                    return true;
                }
            }
        } while (fill());
        if (nextLine == filled && !skipping) {
            return false;
        }
        take(filled, filled);
        return true;
    }

    private void take(int end, int next) {
        number++;
        // The end of a line whose beginning was dropped, or a line that is too long in a buffer that had room.
        tooLong = skipping || end - nextLine > maxLineBytes;
        from = tooLong ? 0 : nextLine;
        to = tooLong ? 0 : end;
        nextLine = next;
        skipping = false;
    }

    private boolean fill() throws IOException {
        if (filled - nextLine > maxLineBytes) {
            skipping = true;
            nextLine = filled;
        }
        if (filled == buffer.length) {
            makeRoom();
        }
        int read = in.read(buffer, filled, buffer.length - filled);
        filled += Math.max(read, 0);
        return read >= 0;
    }

    private void makeRoom() {
        if (nextLine > 0) {
            System.arraycopy(buffer, nextLine, buffer, 0, filled - nextLine);
            scanned -= nextLine;
            filled -= nextLine;
            nextLine = 0;
        } else {
            buffer = Arrays.copyOf(buffer, (int) Math.min(2L * buffer.length, maxLineBytes + 1L));
        }
    }

    /** What holds the line. */
    public byte[] bytes() {
        return buffer;
    }

    /** Index of its first byte. */
    public int from() {
        return from;
    }

    /** Index behind its last byte. */
    public int to() {
        return to;
    }

    /** Its number, from 1; 0 before the first. */
    public long number() {
        return number;
    }

    /** Whether it was too long and is not in the buffer. */
    public boolean tooLong() {
        return tooLong;
    }
}
