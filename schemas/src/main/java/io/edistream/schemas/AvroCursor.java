package io.edistream.schemas;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads Avro's binary encoding out of an array. A claimed length is held against the bytes that are left before anything
 * is allocated for it.
 */
final class AvroCursor {

    private static final VarHandle FLOATS =
            MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle DOUBLES =
            MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int LOW_BITS = 0x7f;
    private static final int BITS_PER_BYTE = 7;

    private byte[] bytes = new byte[0];
    private int position;

    void open(byte[] newBytes, int from) {
        bytes = newBytes;
        position = from;
    }

    boolean isAtEnd() {
        return position == bytes.length;
    }

    private int left() {
        return bytes.length - position;
    }

    private void require(long count, String what) throws IOException {
        if (count < 0 || count > left()) {
            throw new IOException(what + " of " + count + " bytes where " + left() + " are left");
        }
    }

    long readLong() throws IOException {
        long folded = 0;
        for (int shift = 0; shift < Long.SIZE; shift += BITS_PER_BYTE) {
            require(1, "number");
            byte next = bytes[position++];
            folded |= (long) (next & LOW_BITS) << shift;
            if (next >= 0) {
                return (folded >>> 1) ^ -(folded & 1);
            }
        }
        throw new IOException("a number of more than ten bytes");
    }

    int readInt() throws IOException {
        long value = readLong();
        if (value != (int) value) {
            throw new IOException("the number " + value + " where one of 32 bits must be");
        }
        return (int) value;
    }

    boolean readBoolean() throws IOException {
        require(1, "truth value");
        byte value = bytes[position++];
        if (value != 0 && value != 1) {
            throw new IOException("the byte " + value + " where a truth value must be");
        }
        return value == 1;
    }

    float readFloat() throws IOException {
        require(Float.BYTES, "number");
        float value = (float) FLOATS.get(bytes, position);
        position += Float.BYTES;
        return value;
    }

    double readDouble() throws IOException {
        require(Double.BYTES, "number");
        double value = (double) DOUBLES.get(bytes, position);
        position += Double.BYTES;
        return value;
    }

    /** The 8 bytes of a generator id as a number. */
    long readBigEndianLong() throws IOException {
        require(Long.BYTES, "generator id");
        long value = (long) LONGS.get(bytes, position);
        position += Long.BYTES;
        return value;
    }

    String readString() throws IOException {
        int length = readLength();
        String text = new String(bytes, position, length, StandardCharsets.UTF_8);
        position += length;
        return text;
    }

    void skipString() throws IOException {
        int length = readLength();
        position += length;
    }

    private int readLength() throws IOException {
        long length = readLong();
        require(length, "text");
        return (int) length;
    }

    /** Which branch of a union of null and something: true if it is something. */
    boolean readPresent() throws IOException {
        long branch = readLong();
        if (branch != 0 && branch != 1) {
            throw new IOException("branch " + branch + " of a union of two");
        }
        return branch == 1;
    }

    <E extends Enum<E>> E readSymbol(E[] symbols) throws IOException {
        int position = readInt();
        if (position < 0 || position >= symbols.length) {
            throw new IOException("symbol " + position + " of " + symbols.length);
        }
        return symbols[position];
    }

    @Nullable
    String readNullableString() throws IOException {
        return readPresent() ? readString() : null;
    }

    @Nullable
    Long readNullableLong() throws IOException {
        return readPresent() ? Long.valueOf(readLong()) : null;
    }

    @Nullable
    Integer readNullableInt() throws IOException {
        return readPresent() ? Integer.valueOf(readInt()) : null;
    }

    @Nullable
    Float readNullableFloat() throws IOException {
        return readPresent() ? Float.valueOf(readFloat()) : null;
    }

    @Nullable
    Double readNullableDouble() throws IOException {
        return readPresent() ? Double.valueOf(readDouble()) : null;
    }

    @Nullable
    Boolean readNullableBoolean() throws IOException {
        return readPresent() ? Boolean.valueOf(readBoolean()) : null;
    }

    /**
     * Items of the next block of an array or map, 0 at its end.
     *
     * @param minBytes bytes that an item takes at least, from 1
     */
    int readBlock(int minBytes) throws IOException {
        long count = readLong();
        if (count < 0) {
            count = -count;
            require(readLong(), "block"); // Its size is for whoever wants to pass over it.
        }
        if (count < 0 || count > left() / minBytes) {
            throw new IOException("list of " + count + " items where " + left() + " bytes are left");
        }
        return (int) count;
    }

    /** Copies floats, for whose bytes a block was found to have room. */
    void readFloats(float[] into, int from, int count) {
        for (int i = 0; i < count; i++) {
            into[from + i] = (float) FLOATS.get(bytes, position + Float.BYTES * i);
        }
        position += Float.BYTES * count;
    }

    void skipFloats(int count) {
        position += Float.BYTES * count;
    }
}
