package io.edistream.signals;

import java.io.DataInput;
import java.io.IOException;

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
                if (count < 0) {
                    break;
                }
                return count;
            }
        }
        throw new IOException("stored state is damaged: a count is out of range");
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
