package io.edistream.jobs.types;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Numbers in as few bytes as they need, seven bits each, lowest first; negative numbers take ten bytes. */
public final class VarInts {

    private static final int LOW_BITS = 0x7f;
    private static final int MORE = 0x80;
    private static final int BITS_PER_BYTE = 7;

    private VarInts() {}

    /** Writes a number that is mostly small and not negative. */
    public static void write(long value, DataOutput out) throws IOException {
        long rest = value;
        while ((rest & ~LOW_BITS) != 0) {
            out.writeByte((int) (rest & LOW_BITS) | MORE);
            rest >>>= BITS_PER_BYTE;
        }
        out.writeByte((int) rest);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IOException if no number ends within ten bytes
     */
    public static long readLong(DataInput in) throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += BITS_PER_BYTE) {
            int next = in.readUnsignedByte();
            value |= (long) (next & LOW_BITS) << shift;
            if ((next & MORE) == 0) {
                return value;
            }
        }
        throw new IOException("a stored number is damaged: it has more than ten bytes");
    }

    /** Reads what {@link #write} wrote of an {@code int}. */
    public static int readInt(DataInput in) throws IOException {
        return (int) readLong(in);
    }

    /** Writes a number that is mostly near zero, on either side. */
    public static void writeSigned(long value, DataOutput out) throws IOException {
        write((value << 1) ^ (value >> (Long.SIZE - 1)), out);
    }

    /** Reads what {@link #writeSigned} wrote. */
    public static long readSigned(DataInput in) throws IOException {
        long folded = readLong(in);
        return (folded >>> 1) ^ -(folded & 1);
    }
}
