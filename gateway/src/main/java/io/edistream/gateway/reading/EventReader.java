package io.edistream.gateway.reading;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Finds server-sent events in bytes that are cut anywhere (WHATWG HTML, section 9.2). Which pieces come out depends on the
 * bytes alone, never on the cuts. Lines end with LF, CR or CR LF; of a blank line that ends with CR LF the LF is waited for,
 * unless the line before ended with a bare CR.
 *
 * <p>An event that is longer than the bound is handed out in parts that nobody reads. Used by one thread.
 */
public final class EventReader {

    private final int maxEventBytes;

    /** The bytes of the piece so far. */
    private byte[] buffer = new byte[4096];

    private int length;
    private int lineStart;
    private boolean afterCarriageReturn;

    /** Whether the newest line ended with a bare CR. */
    private boolean bareCarriageReturn;

    /** Whether a LF belongs to a line that was handed out. */
    private boolean lineFeedLeft;

    private boolean atStart = true;
    private boolean oversized;

    /** Whether the piece has a line that is no comment. */
    private boolean hasField;

    private int dataLines;
    private int dataFrom;
    private int dataTo;

    /** The data of several lines; used from the second one on. */
    private byte[] joined = new byte[0];

    private int joinedLength;

    /** @param maxEventBytes bytes of an event that is still read, at least 16 */
    public EventReader(int maxEventBytes) {
        if (maxEventBytes < 16) {
            throw new IllegalArgumentException("bytes of an event must be at least 16, not " + maxEventBytes);
        }
        this.maxEventBytes = maxEventBytes;
    }

    /** Takes in some bytes and hands out the pieces that they complete. */
    public void read(byte[] bytes, int from, int to, Consumer<ServerSentEvent> pieces) {
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (afterCarriageReturn) {
                afterCarriageReturn = false;
                if (b == '\n') {
                    put(b);
                    bareCarriageReturn = false;
                    endLine(length - 2, pieces);
                    continue;
                }
                // Only the next byte tells that the CR was a bare one.
                bareCarriageReturn = true;
                endLine(length - 1, pieces);
            }
            if (lineFeedLeft) {
                lineFeedLeft = false;
                if (b == '\n') {
                    put(b);
                    lineStart = length;
                    continue;
                }
            }
            if (length >= maxEventBytes) {
                handOutPart(pieces);
            }
            put(b);
            if (b == '\n') {
                bareCarriageReturn = false;
                endLine(length - 1, pieces);
            } else if (b == '\r') {
                if (bareCarriageReturn && lineStart == length - 1) {
                    lineFeedLeft = true;
                    endLine(length - 1, pieces);
                } else {
                    afterCarriageReturn = true;
                }
            }
        }
    }

    /** The stream has ended: hands out what is left, terminated or not. */
    public void end(Consumer<ServerSentEvent> pieces) {
        if (afterCarriageReturn) {
            afterCarriageReturn = false;
            endLine(length - 1, pieces);
        } else if (length > lineStart && !oversized) {
            takeLine(length);
        }
        if (length > 0) {
            handOut(pieces, false);
        }
    }

    private void put(byte b) {
        if (length == buffer.length) {
            buffer = Arrays.copyOf(buffer, length + Math.max(1, length / 2));
        }
        buffer[length++] = b;
    }

    /** @param end where the line ends, before its CR or LF */
    private void endLine(int end, Consumer<ServerSentEvent> pieces) {
        int start = startOfText();
        if (end <= start) {
            handOut(pieces, true);
        } else if (oversized) {
            lineStart = length;
        } else if (!hasField && buffer[start] == ':') {
            // A comment by itself is a sign of life that must not wait for the next event.
            atStart = false;
            handOut(pieces, true);
        } else {
            takeLine(end);
            lineStart = length;
            atStart = false;
        }
    }

    private int startOfText() {
        return atStart
                        && lineStart == 0
                        && length >= 3
                        && Arrays.equals(buffer, 0, 3, ServerSentEvent.BYTE_ORDER_MARK, 0, 3)
                ? 3
                : lineStart;
    }

    private void takeLine(int end) {
        int start = startOfText();
        hasField |= buffer[start] != ':';
        if (!isData(start, end)) {
            return;
        }
        int from = Math.min(start + 5, end);
        if (from < end && buffer[from] == ' ') {
            from++;
        }
        if (dataLines == 1) {
            join(dataFrom, dataTo);
        }
        if (dataLines >= 1) {
            joinByte((byte) '\n');
            join(from, end);
        }
        dataFrom = from;
        dataTo = end;
        dataLines++;
    }

    private boolean isData(int start, int end) {
        return end - start >= 4
                && buffer[start] == 'd'
                && buffer[start + 1] == 'a'
                && buffer[start + 2] == 't'
                && buffer[start + 3] == 'a'
                && (end - start == 4 || buffer[start + 4] == ':');
    }

    private void join(int from, int to) {
        int more = to - from;
        if (joinedLength + more > joined.length) {
            joined = Arrays.copyOf(joined, Math.max(joinedLength + more, 2 * joined.length));
        }
        System.arraycopy(buffer, from, joined, joinedLength, more);
        joinedLength += more;
    }

    private void joinByte(byte b) {
        if (joinedLength == joined.length) {
            joined = Arrays.copyOf(joined, 2 * joinedLength + 16);
        }
        joined[joinedLength++] = b;
    }

    private void handOutPart(Consumer<ServerSentEvent> pieces) {
        boolean lineIsEmpty = lineStart == length;
        oversized = true;
        byte[] part = Arrays.copyOf(buffer, length);
        length = 0;
        // A line that goes on is not blank, however it ends.
        lineStart = lineIsEmpty ? 0 : -1;
        atStart = false;
        pieces.accept(new ServerSentEvent(part, null, 0, 0, true, false));
    }

    private void handOut(Consumer<ServerSentEvent> pieces, boolean terminated) {
        byte[] bytes = Arrays.copyOf(buffer, length);
        ServerSentEvent piece;
        if (oversized || dataLines == 0) {
            piece = new ServerSentEvent(bytes, null, 0, 0, oversized, terminated);
        } else if (dataLines == 1) {
            piece = new ServerSentEvent(bytes, bytes, dataFrom, dataTo, false, terminated);
        } else {
            byte[] data = Arrays.copyOf(joined, joinedLength);
            piece = new ServerSentEvent(bytes, data, 0, joinedLength, false, terminated);
        }
        forget();
        pieces.accept(piece);
    }

    private void forget() {
        // One long event must not keep its memory for the rest of the stream.
        if (buffer.length > 1 << 16) {
            buffer = new byte[4096];
        }
        if (joined.length > 1 << 16) {
            joined = new byte[0];
        }
        length = 0;
        lineStart = 0;
        joinedLength = 0;
        dataLines = 0;
        hasField = false;
        oversized = false;
        atStart = false;
    }
}
