package io.edistream.signals;

import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Writes the state of signals compactly: counts take one byte up to 127, entropies four as on the wire. */
public final class StateOutput {

    /** The longest text, bytes in UTF-8. */
    static final int MAX_TEXT_BYTES = 1 << 16;

    private static final int LOW_BITS = 0x7f;
    private static final int MORE = 0x80;
    private static final int BITS_PER_BYTE = 7;

    private final DataOutput out;

    /** Writes to {@code out}. */
    public StateOutput(DataOutput out) {
        this.out = out;
    }

    /** Writes a number that is not negative and mostly small. */
    public void writeCount(int count) throws IOException {
        if (count < 0) {
            throw new IllegalArgumentException("count " + count + ": must not be negative");
        }
        int rest = count;
        while (rest > LOW_BITS) {
            out.writeByte((rest & LOW_BITS) | MORE);
            rest >>>= BITS_PER_BYTE;
        }
        out.writeByte(rest);
    }

    /** Writes a number that is mostly near zero, on either side. */
    public void writeLong(long value) throws IOException {
        long rest = (value << 1) ^ (value >> (Long.SIZE - 1));
        while ((rest & ~LOW_BITS) != 0) {
            out.writeByte((int) (rest & LOW_BITS) | MORE);
            rest >>>= BITS_PER_BYTE;
        }
        out.writeByte((int) rest);
    }

    /** Writes all 64 bits, for numbers that are as often large as small. */
    public void writeBits(long value) throws IOException {
        out.writeLong(value);
    }

    /**
     * Writes a text: its bytes in UTF-8, and before them how many.
     *
     * @throws IllegalArgumentException if it is too long to be read again
     */
    public void writeText(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_TEXT_BYTES) {
            throw new IllegalArgumentException(
                    "text of " + bytes.length + " bytes: must be at most " + MAX_TEXT_BYTES + " to be stored");
        }
        writeCount(bytes.length);
        out.write(bytes);
    }

    /** Writes all 64 bits. */
    public void writeDouble(double value) throws IOException {
        out.writeDouble(value);
    }

    /**
     * Writes a measurement of one token in 32 bits, which is what the wire carries.
     *
     * @throws IllegalArgumentException if that would lose precision, since a restored sequence would then score
     *     differently
     */
    public void writeFloat(double measurement) throws IOException {
        float narrow = (float) measurement;
        if (Double.compare(narrow, measurement) != 0) {
            throw new IllegalArgumentException("measurement " + measurement
                    + ": only values with 32-bit precision, as events carry them, can be stored");
        }
        out.writeFloat(narrow);
    }
}
