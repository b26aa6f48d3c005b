package io.edistream.gateway.reading;

import io.edistream.gateway.config.Route.Thinking;
import io.edistream.sequences.Phase;

/**
 * Follows the tags around reasoning in a text that comes in parts, which may cut a tag. A text that does not begin with the
 * opening tag is an answer, also where a template has written the tag into the prompt.
 */
final class ThinkingTags {

    private final Thinking tags;
    private boolean inside;

    /** The end of the text so far, as far as it may be the beginning of the tag that comes next. */
    private String begun = "";

    ThinkingTags(Thinking tags) {
        if (tags.open().isEmpty() || tags.close().isEmpty()) {
            throw new IllegalArgumentException("tags around reasoning must not be empty: " + tags);
        }
        this.tags = tags;
    }

    /** What a part of the text belongs to; {@link Phase#OTHER} if it is nothing but the end of a tag. */
    Phase read(String part) {
        String text = begun + part;
        Phase before = phase();
        boolean found = false;
        boolean textBefore = false;
        int from = 0;
        for (int at = text.indexOf(sought()); at >= 0; at = text.indexOf(sought(), from)) {
            textBefore |= !text.substring(from, at).isBlank();
            from = at + sought().length();
            inside = !inside;
            found = true;
        }
        String rest = text.substring(from);
        begun = rest.substring(rest.length() - overlap(rest, sought()));
        if (!found || !rest.isBlank()) {
            return phase();
        }
        return textBefore ? before : Phase.OTHER;
    }

    private Phase phase() {
        return inside ? Phase.THINKING : Phase.ANSWERING;
    }

    private String sought() {
        return inside ? tags.close() : tags.open();
    }

    /** How many of the last characters are the first of the tag, and not all of it. */
    private static int overlap(String text, String tag) {
        for (int length = Math.min(text.length(), tag.length() - 1); length > 0; length--) {
            if (text.startsWith(tag.substring(0, length), text.length() - length)) {
                return length;
            }
        }
        return 0;
    }
}
