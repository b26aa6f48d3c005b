package io.edistream.cli.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.edistream.gateway.engine.TokenText;
import io.edistream.generator.decode.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What each token of a vocabulary adds to a text, whatever stands before it: exact for byte-level vocabularies and those of
 * SentencePiece; where words are put together by rules, as with the shipped reasoners, blanks may be elsewhere in the text. Remembers those
 * that were asked for: at most the vocabulary. Thread-safe.
 */
final class TokenTexts {

    /** What a tokenizer makes of bytes that are no whole character. */
    private static final char HALF_CHARACTER = '\uFFFD';

    /** How vocabularies of SentencePiece write a byte. */
    private static final Pattern BYTE = Pattern.compile("<0x([0-9A-F]{2})>");

    /** The alphabet in which byte-level vocabularies are written, from 0x21 on: bytes that print are themselves. */
    private static final String PRINTING = printing();

    private final Tokenizer tokenizer;
    private final Map<Integer, TokenText> known = new ConcurrentHashMap<>();

    TokenTexts(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** The text of a token as it stands behind another one. */
    TokenText of(int token) {
        return known.computeIfAbsent(token, this::make);
    }

    private TokenText make(int token) {
        // Alone, or at the beginning, a token may lose its blank.
        String once = tokenizer.decode(List.of(token));
        String twice = tokenizer.decode(List.of(token, token));
        String text = twice.substring(Math.min(once.length(), twice.length()));
        byte[] part = text.indexOf(HALF_CHARACTER) < 0 ? null : bytes(token);
        return part == null ? TokenText.of(text) : new TokenText(new String(part, UTF_8), TokenText.unsigned(part));
    }

    /** The bytes of a token that is no whole character; null if its vocabulary is written in another way. */
    private byte @Nullable [] bytes(int token) {
        String word = tokenizer.word(token);
        Matcher one = BYTE.matcher(word);
        if (one.matches()) {
            return new byte[] {(byte) Integer.parseInt(one.group(1), 16)};
        }
        byte[] bytes = new byte[word.length()];
        for (int i = 0; i < bytes.length; i++) {
            int value = PRINTING.indexOf(word.charAt(i));
            if (value < 0) {
                return null;
            }
            bytes[i] = (byte) value;
        }
        return bytes;
    }

    /** The character of each byte: those that do not print are moved behind all others, in order. */
    private static String printing() {
        StringBuilder alphabet = new StringBuilder();
        int moved = 0;
        for (int value = 0; value < 256; value++) {
            boolean prints = (value >= '!' && value <= '~') || (value >= 0xA1 && value != 0xAD);
            alphabet.append((char) (prints ? value : 256 + moved++));
        }
        return alphabet.toString();
    }
}
