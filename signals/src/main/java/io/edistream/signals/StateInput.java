package io.edistream.signals;

import java.io.DataInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Reads what {@link StateOutput} wrote. */
public final class StateInput {

    private static final int LOW_BITS = 0x7f;
    private static final int MORE = 0x80;
    private static final int BITS_PER_BYTE = 7;
    private static final int MAX_SHIFT = 28;

    private final DataInput in;

    /** Reads from {@code in}. */
    public StateInput(DataInput in) {
        this.in = in;
    }

    /** Reads a count. */
    public int readCount() throws IOException {
        int count = 0;
        for (int shift = 0; shift <= MAX_SHIFT; shift += BITS_PER_BYTE) {
            int next = in.readUnsignedByte();
            count |= (next & LOW_BITS) << shift;
            if ((next & MORE) == 0) {
                if (count < 0 || count >>> shift != next) {
                    break;
                }
                return count;
            }
        }
        throw new IOException("stored state is damaged: a count is out of range");
    }

    /** Reads what {@link StateOutput#writeLong} wrote. */
    public long readLong() throws IOException {
        long folded = 0;
        for (int shift = 0; shift < Long.SIZE; shift += BITS_PER_BYTE) {
            int next = in.readUnsignedByte();
            folded |= (long) (next & LOW_BITS) << shift;
            if ((next & MORE) == 0) {
                if (folded >>> shift != next) {
                    break;
                }
                return (folded >>> 1) ^ -(folded & 1);
            }
        }
        throw new IOException("stored state is damaged: a number is out of range");
    }

    /** Reads what {@link StateOutput#writeBits} wrote. */
    public long readBits() throws IOException {
        return in.readLong();
    }

    /** Reads a text. */
    public String readText() throws IOException {
        int length = readCount();
        if (length > StateOutput.MAX_TEXT_BYTES) {
            throw new IOException("stored state is damaged: a text of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Reads all 64 bits. */
    public double readDouble() throws IOException {
        return in.readDouble();
    }

    /** Reads a measurement of one token. */
    public double readFloat() throws IOException {
        return in.readFloat();
    }
}
