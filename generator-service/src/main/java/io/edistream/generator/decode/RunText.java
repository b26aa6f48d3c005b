package io.edistream.generator.decode;

import io.edistream.sequences.DecodedToken;
import java.util.List;

/**
 * Makes the text of a sequence's tokens bit by bit. Each bit is decoded together with the tokens of the one before it,
 * since a tokenizer says how tokens join only when it sees both; so a token costs the same however many there are.
 * Joined, the bits are the text. Used by one thread.
 */
final class RunText {

    /** Calls that half a character is waited for: UTF-8 has at most four bytes. */
    private static final int MAX_WAITS = 3;

    /** What a tokenizer makes of bytes that are no whole character. */
    private static final char HALF_CHARACTER = '\uFFFD';

    private final Tokenizer tokenizer;
    private int contextFrom;
    private int told;
    private int waits;

    /**
     * @param tokenizer knows the text of tokens
     */
    RunText(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * The text that is new since the last call. If it ends in half a character, it waits for one of the
     * next calls.
     *
     * @param tokens all tokens of the sequence that have text, those of earlier calls included
     */
    String next(List<DecodedToken> tokens) {
        if (tokens.size() == told) {
            return "";
        }
        String context = text(tokens.subList(contextFrom, told));
        String both = text(tokens.subList(contextFrom, tokens.size()));
        boolean half = !both.isEmpty() && both.charAt(both.length() - 1) == HALF_CHARACTER;
        if (half && waits++ < MAX_WAITS) {
            return "";
        }
        waits = 0;
        contextFrom = told;
        told = tokens.size();
        return both.substring(Math.min(context.length(), both.length()));
    }

    private String text(List<DecodedToken> tokens) {
        return tokenizer.decode(tokens.stream().map(DecodedToken::id).toList());
    }
}
