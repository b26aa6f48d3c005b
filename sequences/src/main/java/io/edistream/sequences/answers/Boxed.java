package io.edistream.sequences.answers;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * What stands in the last <code>\boxed{...}</code> whose braces are balanced, one that is blank left out: the form in which
 * mathematical models are asked for answers (MATH, arXiv 2103.03874). Braces behind a backslash are text. Of nested boxes it is the
 * innermost last one.
 */
record Boxed() implements Extraction {

    private static final String OPENING = "\\boxed{";

    /** A brace that opens something else. */
    private static final int OTHER = -1;

    @Override
    public Optional<String> answer(String text) {
        Deque<Integer> open = new ArrayDeque<>();
        int lastBegin = -1;
        String last = "";
        int at = Math.max(0, text.length() - MAX_TEXT_CHARACTERS);
        while (at < text.length()) {
            char character = text.charAt(at);
            if (text.startsWith(OPENING, at)) {
                at += OPENING.length();
                open.push(at);
                continue;
            }
            if (character == '\\') {
                at++;
            } else if (character == '{') {
                open.push(OTHER);
            } else if (character == '}' && !open.isEmpty()) {
                int begin = open.pop();
                if (begin > lastBegin && !text.substring(begin, at).isBlank()) {
                    lastBegin = begin;
                    last = text.substring(begin, at).strip();
                }
            }
            at++;
        }
        return BoundedSearch.answer(Numbers.normalized(last));
    }
}
