package io.edistream.sequences.answers;

import java.util.Optional;

/**
 * How the answer is found in a text. The last one counts, as in evaluations: what a model says last is what it settles for. An answer
 * that is a number as a whole is written in one way ({@link Numbers}), so that votes for 1,234 and for $1234 are votes for one answer.
 *
 * <p>Takes a bounded time whatever the text and the pattern, since it is used by the thread that decodes: at most the last {@value
 * #MAX_TEXT_CHARACTERS} characters are looked at, by matchers that never go back. An answer of more than {@value
 * #MAX_ANSWER_CHARACTERS} characters is none.
 */
public sealed interface Extraction permits Boxed, JsonValue, LastMatch, LastNumber {

    /** Characters at the end of a text that are looked at. */
    int MAX_TEXT_CHARACTERS = 8_192;

    /** Most characters of an answer. */
    int MAX_ANSWER_CHARACTERS = 1_024;

    /** Most characters of a pattern. */
    int MAX_PATTERN_CHARACTERS = 256;

    /** The answer in the text, empty if there is none. */
    Optional<String> answer(String text);

    /** How an answer that somebody expects would be found: a number in the one way, an extract of a worked solution. */
    default String expected(String answer) {
        return answer(answer).orElseGet(() -> Numbers.normalized(answer.strip()));
    }

    /**
     * The extraction of that name: {@code last_number}, {@code boxed} for what stands in the last <code>\boxed{...}</code>, {@code
     * regex:PATTERN} for the last match of a pattern of RE2, or {@code json:POINTER} for a value of a text that is JSON.
     *
     * @throws IllegalArgumentException if there is none of that name, or the pattern or pointer is none or beyond its bounds; the
     *     message says what is allowed
     */
    static Extraction parse(String name) {
        if (name.equals("last_number")) {
            return new LastNumber();
        } else if (name.equals("boxed")) {
            return new Boxed();
        } else if (name.startsWith("regex:")) {
            return LastMatch.of(name.substring("regex:".length()));
        } else if (name.startsWith("json:")) {
            return JsonValue.of(name.substring("json:".length()));
        }
        throw new IllegalArgumentException("no extraction " + shown(name)
                + ": must be last_number, boxed (what stands in the last \\boxed{...}), regex:PATTERN (the first group of the last"
                + " match, or all of it) or json:POINTER (a value of a text that is JSON, such as json:/answer)");
    }

    private static String shown(String name) {
        return name.length() <= 64 ? name : name.substring(0, 64) + "...";
    }
}
