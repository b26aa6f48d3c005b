package io.edistream.signals;

import java.io.Serializable;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an entropy is of. Scores and limits are comparable within one kind only.
 *
 * @param distribution of which next-token distribution
 * @param exact whether it was computed over the whole vocabulary; if not, only bounds are known
 * @param alternatives how many most probable tokens the bounds were computed from, 0 if exact
 */
public record EntropyKind(Distribution distribution, boolean exact, int alternatives) implements Serializable {

    /** Of the raw logits at temperature 1, over the whole vocabulary. */
    public static final EntropyKind RAW_EXACT = new EntropyKind(Distribution.RAW, true, 0);

    private static final Pattern TEXT = Pattern.compile("(raw|tempered|processed)-(?:(exact)|bounded-([1-9]\\d{0,5}))");

    /** A next-token distribution. */
    public enum Distribution {
        /** Not said. */
        UNKNOWN,
        /** Softmax of the logits at temperature 1, before penalties, masks and truncation. */
        RAW,
        /** After the sampling temperature. */
        TEMPERED,
        /** After penalties, a grammar's mask or truncation. */
        PROCESSED
    }

    /**
     * @throws IllegalArgumentException if the alternatives do not go with it
     */
    public EntropyKind {
        if (exact ? alternatives != 0 : alternatives < 0) {
            throw new IllegalArgumentException(alternatives + " alternatives of " + (exact ? "an exact" : "a bounded")
                    + " entropy: must be " + (exact ? "0" : "at least 0"));
        }
    }

    /**
     * Reads what {@link #toString} writes.
     *
     * @throws IllegalArgumentException if it is no kind; the message says what is allowed
     */
    public static EntropyKind parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("kind of entropy '" + text
                    + "': must be raw, tempered or processed, a dash, and exact or bounded-K with the number of"
                    + " alternatives, for instance raw-exact or raw-bounded-20");
        }
        Distribution distribution = Distribution.valueOf(matcher.group(1).toUpperCase(Locale.ROOT));
        return matcher.group(2) != null
                ? new EntropyKind(distribution, true, 0)
                : new EntropyKind(distribution, false, Integer.parseInt(matcher.group(3)));
    }

    /** For instance {@code raw-exact} or {@code raw-bounded-20}. */
    @Override
    public String toString() {
        return distribution.name().toLowerCase(Locale.ROOT) + (exact ? "-exact" : "-bounded-" + alternatives);
    }
}
