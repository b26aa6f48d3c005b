package io.edistream.gateway.reading;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a stream of server-sent events: an event, a comment, a blank line, or a part of an event that was too long. All
 * pieces of a stream, one behind the other, are its bytes.
 */
public final class ServerSentEvent {

    static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final byte[] DATA = {'d', 'a', 't', 'a'};

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

    /** What its data says; null if that is no JSON. */
    public @Nullable JsonNode json() {
        byte[] text = data;
        try {
            return text == null ? null : MAPPER.readTree(text, from, to - from);
        } catch (IOException e) {
            return null;
        }
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

    /** The event with other data, a line of it for each of its lines; everything else as it came. */
    byte[] withData(byte[] other) {
        ByteArrayOutputStream result = new ByteArrayOutputStream(bytes.length);
        boolean written = false;
        int mark = bytes.length >= 3 && Arrays.equals(bytes, 0, 3, BYTE_ORDER_MARK, 0, 3) ? 3 : 0;
        result.write(bytes, 0, mark);
        for (int start = mark; start < bytes.length; ) {
            int end = start;
            while (end < bytes.length && bytes[end] != '\n' && bytes[end] != '\r') {
                end++;
            }
            int next = Math.min(bytes.length, end + 1);
            if (next < bytes.length && bytes[end] == '\r' && bytes[next] == '\n') {
                next++;
            }
            if (!isData(start, end)) {
                result.write(bytes, start, next - start);
            } else if (!written) {
                written = true;
                String lines = new String(other, StandardCharsets.ISO_8859_1).replace("\n", "\ndata: ");
                result.writeBytes(("data: " + lines + "\n").getBytes(StandardCharsets.ISO_8859_1));
            }
            start = next;
        }
        return result.toByteArray();
    }

    private boolean isData(int start, int end) {
        return end - start >= 4
                && Arrays.equals(bytes, start, start + 4, DATA, 0, 4)
                && (end - start == 4 || bytes[start + 4] == ':');
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
