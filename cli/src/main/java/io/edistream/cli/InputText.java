package io.edistream.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.zip.GZIPInputStream;

/** Finds out by the first bytes of an input what it is: text, packed text, or neither. */
public final class InputText {

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int LOOKED_AT = 4;
    private static final int[] GZIP = {0x1f, 0x8b};
    private static final int[] UTF_16_LITTLE = {0xff, 0xfe};
    private static final int[] UTF_16_BIG = {0xfe, 0xff};

    private InputText() {}

    /**
     * The text of an input, unpacked if gzip has packed it.
     *
     * @throws UnusableInputException if it is packed in a way that cannot be read, or is no UTF-8
     */
    public static InputStream of(InputStream raw) throws IOException {
        BufferedInputStream in = new BufferedInputStream(raw, BUFFER_BYTES);
        in.mark(LOOKED_AT);
        byte[] beginning = in.readNBytes(LOOKED_AT);
        in.reset();
        if (!startsWith(beginning, GZIP)) {
            requireUtf8(beginning);
            return in;
        }
        InputStream text = unpacked(in);
        try {
            beginning = text.readNBytes(LOOKED_AT);
        } catch (IOException e) {
            throw brokenGzip(e);
        }
        requireUtf8(beginning);
        // No buffer of Java's around it: that drops what it has read when the file ends before its time.
        return new SequenceInputStream(new ByteArrayInputStream(beginning), text);
    }

    private static InputStream unpacked(InputStream in) throws UnusableInputException {
        try {
            return new GZIPInputStream(new TellingMore(in), BUFFER_BYTES);
        } catch (IOException e) {
            throw brokenGzip(e);
        }
    }

    private static UnusableInputException brokenGzip(IOException failure) {
        return new UnusableInputException(
                "is no gzip file though it begins like one: " + failure.getMessage(), failure);
    }

    /** A character of JSON is ASCII at the beginning, so half of its bytes are 0 in wider encodings. */
    private static void requireUtf8(byte[] beginning) throws UnusableInputException {
        boolean wide = startsWith(beginning, UTF_16_LITTLE) || startsWith(beginning, UTF_16_BIG);
        for (byte value : beginning) {
            wide |= value == 0;
        }
        if (wide) {
            throw new UnusableInputException("looks like UTF-16 or UTF-32: must be UTF-8");
        }
    }

    private static boolean startsWith(byte[] bytes, int[] prefix) {
        for (int i = 0; i < prefix.length; i++) {
            if (i >= bytes.length || (bytes[i] & 0xff) != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Says that more is available until the end is reached. GZIPInputStream asks, and takes a no for the end of the file:
     * the rest of a file of several members would be lost when it comes through a pipe.
     */
    private static final class TellingMore extends FilterInputStream {

        TellingMore(InputStream in) {
            super(in);
        }

        @Override
        public int available() throws IOException {
            in.mark(1);
            boolean more = in.read() >= 0;
            in.reset();
            return more ? 1 : 0;
        }
    }
}
