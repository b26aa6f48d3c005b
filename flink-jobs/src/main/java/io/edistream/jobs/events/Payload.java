package io.edistream.jobs.events;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The first bytes of a record that could not be read. */
public final class Payload {

    /** How many bytes are kept. */
    public static final int MAX_BYTES = 256;

    private final byte[] bytes;

    /** Keeps the first {@value #MAX_BYTES} of these bytes. */
    public Payload(byte[] record) {
        this.bytes = Arrays.copyOf(record, Math.min(record.length, MAX_BYTES));
    }

    /** The bytes that were kept. */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    byte[] array() {
        return bytes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Payload that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
