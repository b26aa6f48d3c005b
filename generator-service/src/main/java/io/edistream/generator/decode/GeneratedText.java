package io.edistream.generator.decode;

import java.util.List;

/**
 * The text of a sequence as it grows, up to a stop string if one comes up. What is let out never has to be taken back: half a
 * character, or what may be the beginning of a stop string, is held until more is known. Used by one thread.
 */
final class GeneratedText {

    private final RunText runText;
    private final List<String> stops;
    private final int longestStop;
    private final StringBuilder all = new StringBuilder();
    private int begin;
    private int released;
    private boolean stopped;

    /**
     * @param stops texts that end the sequence; not empty themselves
     */
    GeneratedText(Tokenizer tokenizer, List<String> stops) {
        this.runText = new RunText(tokenizer);
        this.stops = stops;
        this.longestStop = stops.stream().mapToInt(String::length).max().orElse(0);
    }

    /**
     * Takes tokens of an earlier sequence for its first ones. What that sequence let out of their text is not let out again;
     * what it held is.
     */
    void goOnFrom(List<Integer> ids) {
        all.append(runText.begunWith(ids));
        released = releasable();
        begin = released;
    }

    /**
     * Reads what is new of all tokens, those included that it went on from.
     *
     * @param last whether no more come
     * @return whether a stop string has come up
     */
    boolean read(List<Integer> ids, boolean last) {
        if (!stopped) {
            int before = all.length();
            all.append(runText.next(ids, last));
            stopAtFirst(Math.max(begin, before - longestStop + 1));
        }
        return stopped;
    }

    /**
     * The text that may be let out and was not.
     *
     * @param last whether nothing comes behind it
     */
    String release(boolean last) {
        int end = last ? all.length() : releasable();
        String text = all.substring(released, Math.max(released, end));
        released = Math.max(released, end);
        return text;
    }

    /**
     * All text of this sequence.
     *
     * @param last whether nothing comes behind it; otherwise without what is held
     */
    String whole(boolean last) {
        return all.substring(begin, Math.max(begin, last ? all.length() : releasable()));
    }

    /** All that was read, with the text of the tokens that it went on from. */
    String withCarried() {
        return all.toString();
    }

    private void stopAtFirst(int from) {
        int first = -1;
        for (String stop : stops) {
            int at = all.indexOf(stop, from);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        if (first >= 0) {
            stopped = true;
            all.setLength(first);
        }
    }

    /** Length of the text without a tail that a stop string may begin with. */
    private int releasable() {
        if (stopped) {
            return all.length();
        }
        for (int from = Math.max(begin, all.length() - longestStop + 1); from < all.length(); from++) {
            String tail = all.substring(from);
            if (stops.stream().anyMatch(stop -> stop.startsWith(tail))) {
                return from;
            }
        }
        return all.length();
    }
}
