package io.edistream.sequences.answers;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Looks for all matches of a pattern at the end of a text. One match takes time linear in the text, but all of them take the square of
 * it where each looks ahead to the end, so what is read is counted.
 */
final class BoundedSearch {

    /**
     * Most characters that are read, those that are read again included. A matcher reads each up to six times, and twelve where it
     * matches every other one.
     */
    static final int MAX_READS = 24 * Extraction.MAX_TEXT_CHARACTERS;

    private BoundedSearch() {}

    /**
     * What was extracted from the last match that something can be extracted from. Empty if there is none, if it is too long for an
     * answer, or if more would have to be read than is allowed: an earlier match is not the answer.
     *
     * @param extracted of a match; null or empty if it is none
     */
    static Optional<String> last(Pattern pattern, String text, Function<Matcher, @Nullable String> extracted) {
        String last = "";
        try {
            Matcher matcher = pattern.matcher(new CountedText(text));
            // What stands before is seen, so that ^ and \b mean what they say.
            boolean found = matcher.find(Math.max(0, text.length() - Extraction.MAX_TEXT_CHARACTERS));
            while (found) {
                String one = extracted.apply(matcher);
                last = one == null || one.isEmpty() ? last : one;
                found = matcher.find();
            }
        } catch (ReadTooMuchException e) {
            return Optional.empty();
        }
        return answer(last);
    }

    /** Of what was found, empty if nothing. */
    static Optional<String> answer(String found) {
        return found.isEmpty() || found.length() > Extraction.MAX_ANSWER_CHARACTERS
                ? Optional.empty()
                : Optional.of(found);
    }

    /** A text that can be read so often. */
    private static final class CountedText implements CharSequence {

        private final String text;
        private int reads;

        CountedText(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (++reads > MAX_READS) {
                throw new ReadTooMuchException();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }
    }

    /** Caught where the search began. */
    private static final class ReadTooMuchException extends RuntimeException {

        private static final long serialVersionUID = 1;

        ReadTooMuchException() {
            super(null, null, false, false);
        }
    }
}
