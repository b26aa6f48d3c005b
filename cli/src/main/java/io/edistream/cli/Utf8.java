package io.edistream.cli;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Tells well-formed UTF-8, as table 3-7 of the Unicode standard defines it, from other bytes. */
public final class Utf8 {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final long NOT_ASCII = 0x8080808080808080L;

    private Utf8() {}

    /**
     * Makes sure that all of a line is well-formed.
     *
     * @throws IllegalArgumentException if it is not; the message says which byte
     */
    public static void require(byte[] bytes, int from, int to) {
        int bad = firstBad(bytes, from, to);
        if (bad >= 0) {
            throw new IllegalArgumentException(
                    String.format("not UTF-8: byte 0x%02x (at column %d)", bytes[bad] & 0xff, bad - from + 1));
        }
    }

    /** Index of the first byte that begins no well-formed character, or -1. */
    public static int firstBad(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (bytes[at] >= 0) {
                at = skipAscii(bytes, at, to);
            } else {
                int length = characterLength(bytes, at, to);
                if (length == 0) {
                    return at;
                }
                at += length;
            }
        }
        return -1;
    }

    private static int skipAscii(byte[] bytes, int from, int to) {
        int at = from;
        while (at + Long.BYTES <= to && ((long) LONGS.get(bytes, at) & NOT_ASCII) == 0) {
            at += Long.BYTES;
        }
        while (at < to && bytes[at] >= 0) {
            at++;
        }
        return at;
    }

    /** Bytes of the character of several bytes that begins here, 0 if it is none. */
    private static int characterLength(byte[] bytes, int at, int to) {
        int lead = bytes[at] & 0xff;
        if (lead >= 0xc2 && lead <= 0xdf) {
            return continues(bytes, at + 1, to, 0x80, 0xbf) ? 2 : 0;
        }
        if (lead >= 0xe0 && lead <= 0xef) {
            // Not what fits into two bytes, and no halves of UTF-16's pairs.
            int lowest = lead == 0xe0 ? 0xa0 : 0x80;
            int highest = lead == 0xed ? 0x9f : 0xbf;
            return continues(bytes, at + 1, to, lowest, highest) && continues(bytes, at + 2, to, 0x80, 0xbf) ? 3 : 0;
        }
        if (lead >= 0xf0 && lead <= 0xf4) {
            // Not what fits into three bytes, and nothing above U+10FFFF.
            int lowest = lead == 0xf0 ? 0x90 : 0x80;
            int highest = lead == 0xf4 ? 0x8f : 0xbf;
            return continues(bytes, at + 1, to, lowest, highest)
                            && continues(bytes, at + 2, to, 0x80, 0xbf)
                            && continues(bytes, at + 3, to, 0x80, 0xbf)
                    ? 4
                    : 0;
        }
        return 0;
    }

    private static boolean continues(byte[] bytes, int at, int to, int lowest, int highest) {
        return at < to && (bytes[at] & 0xff) >= lowest && (bytes[at] & 0xff) <= highest;
    }
}
