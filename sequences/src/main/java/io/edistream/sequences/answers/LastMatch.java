package io.edistream.sequences.answers;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The first group of the last match of a pattern, or all of the match if the pattern has no group. A match that is blank is none.
 *
 * @param pattern of RE2
 */
record LastMatch(Pattern pattern) implements Extraction {

    /** Most copies of a part that the counts of a pattern ask for, multiplied with one another: each is a part of the matcher. */
    static final int MAX_COPIES = 1_000;

    /** Most instructions of a matcher: a character costs at most as many steps. */
    static final int MAX_INSTRUCTIONS = 256;

    private static final Pattern COUNT = Pattern.compile("\\{([0-9]+)(?:,([0-9]*))?\\}");

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException if it is none, or beyond its bounds
     */
    static LastMatch of(String text) {
        if (text.isEmpty() || text.length() > MAX_PATTERN_CHARACTERS) {
            throw new IllegalArgumentException("the pattern of an extraction must have 1 to " + MAX_PATTERN_CHARACTERS
                    + " characters, not " + text.length());
        }
        requireCopies(text);
        Pattern pattern;
        try {
            pattern = Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "the pattern of an extraction is none: " + e.getDescription() + " in " + e.getPattern(), e);
        }
        if (pattern.programSize() > MAX_INSTRUCTIONS) {
            throw new IllegalArgumentException("the pattern of an extraction makes a matcher of "
                    + pattern.programSize() + " instructions; at most " + MAX_INSTRUCTIONS
                    + " are possible: leave out counts like {100}");
        }
        return new LastMatch(pattern);
    }

    @Override
    public Optional<String> answer(String text) {
        return BoundedSearch.last(pattern, text, LastMatch::extract);
    }

    /** The pattern is for a model's text, not for what is expected of it. */
    @Override
    public String expected(String answer) {
        return Numbers.normalized(answer.strip());
    }

    private static @Nullable String extract(Matcher match) {
        String found = match.groupCount() == 0 ? match.group() : match.group(1);
        return found == null ? null : Numbers.normalized(found.strip());
    }

    /** Compiling copies what is counted, so that a few characters could take all memory: this is asked before. */
    private static void requireCopies(String text) {
        double copies = 1;
        Matcher count = COUNT.matcher(text);
        while (count.find()) {
            String most = count.group(2);
            double times = Math.max(
                    Double.parseDouble(count.group(1)), most == null || most.isEmpty() ? 1 : Double.parseDouble(most));
            copies *= Math.max(1, times);
        }
        if (copies > MAX_COPIES) {
            throw new IllegalArgumentException(
                    "the counts in the pattern of an extraction, multiplied, must be at most " + MAX_COPIES
                            + ": {10} and {100} are, {11} and {100} are not");
        }
    }
}
