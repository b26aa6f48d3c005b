package io.edistream.gateway.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;

/**
 * A token in words.
 *
 * @param text what it adds to a text; with U+FFFD where it is no whole character
 * @param bytes what it adds in UTF-8, 0 to 255 each; of what is no whole character its part
 */
public record TokenText(String text, List<Integer> bytes) {

    /** Copies the list. */
    public TokenText {
        bytes = List.copyOf(bytes);
    }

    /** One of whole characters. */
    public static TokenText of(String text) {
        return new TokenText(text, unsigned(text.getBytes(UTF_8)));
    }

    /** Bytes as numbers from 0 to 255. */
    public static List<Integer> unsigned(byte[] bytes) {
        List<Integer> numbers = new ArrayList<>(bytes.length);
        for (byte one : bytes) {
            numbers.add(Byte.toUnsignedInt(one));
        }
        return numbers;
    }
}
