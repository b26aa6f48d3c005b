package io.edistream.gateway.reading;

import org.jspecify.annotations.Nullable;

/**
 * A piece of a stream of server-sent events: an event, a comment, a blank line, or a part of an event that was too long. All
 * pieces of a stream, one behind the other, are its bytes.
 */
public final class ServerSentEvent {

    private final byte[] bytes;
    private final byte @Nullable [] data;
    private final int from;
    private final int to;
    private final boolean oversized;
    private final boolean terminated;

    /**
     * @param bytes the piece as it came; not copied
     * @param data what holds its data: the bytes themselves, or the data of several lines put together; null if it has none
     */
    ServerSentEvent(byte[] bytes, byte @Nullable [] data, int from, int to, boolean oversized, boolean terminated) {
        this.bytes = bytes;
        this.data = data;
        this.from = from;
        this.to = to;
        this.oversized = oversized;
        this.terminated = terminated;
    }

    /** The bytes as they came. Not a copy: must not be changed. */
    public byte[] bytes() {
        return bytes;
    }

    /** Whether it has data. */
    public boolean hasData() {
        return data != null;
    }

    /** Whether it is a part of an event that is longer than is read. */
    public boolean isOversized() {
        return oversized;
    }

    /** Whether a blank line ended it, and not the end of the stream. */
    public boolean isTerminated() {
        return terminated;
    }

    /** Whether its data is inside {@link #bytes}, from {@link #from} to {@link #to}, and not put together from lines. */
    boolean isInPlace() {
        return data == bytes;
    }

    /** What holds the data, from {@link #from} to {@link #to}. */
    byte[] data() {
        if (data == null) {
            throw new IllegalStateException("the event has no data");
        }
        return data;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }
}
