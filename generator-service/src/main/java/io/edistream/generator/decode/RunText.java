package io.edistream.generator.decode;

import java.util.List;

/**
 * Makes the text of a sequence's tokens bit by bit. Each bit is decoded together with the tokens of the one before it,
 * since a tokenizer says how tokens join only when it sees both; so a token costs the same however many there are.
 * Joined, the bits are the text. Used by one thread.
 */
final class RunText {

    /** Calls that half a character is waited for: UTF-8 has at most four bytes. */
    private static final int MAX_WAITS = 3;

    /** Tokens before the first bit that are decoded with it. */
    private static final int CONTEXT = 16;

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
     * Begins behind tokens whose text is known already, but for half a character at their end.
     *
     * @return the text of those that it begins behind
     */
    String begunWith(List<Integer> ids) {
        int whole = ids.size();
        while (whole > Math.max(0, ids.size() - MAX_WAITS)
                && endsInHalf(text(ids, Math.max(0, whole - CONTEXT), whole))) {
            whole--;
        }
        told = whole;
        contextFrom = Math.max(0, whole - CONTEXT);
        return text(ids, 0, whole);
    }

    /**
     * The text that is new since the last call. If it ends in half a character, it waits for one of the
     * next calls.
     *
     * @param ids all tokens of the sequence that have text, those of earlier calls included
     * @param last whether no more come, so that nothing is waited for
     */
    String next(List<Integer> ids, boolean last) {
        if (ids.size() == told) {
            return "";
        }
        String context = text(ids, contextFrom, told);
        String both = text(ids, contextFrom, ids.size());
        if (!last && endsInHalf(both) && waits++ < MAX_WAITS) {
            return "";
        }
        waits = 0;
        contextFrom = told;
        told = ids.size();
        return both.substring(Math.min(context.length(), both.length()));
    }

    private static boolean endsInHalf(String text) {
        return !text.isEmpty() && text.charAt(text.length() - 1) == HALF_CHARACTER;
    }

    private String text(List<Integer> ids, int from, int to) {
        return tokenizer.decode(List.copyOf(ids.subList(from, to)));
    }
}
