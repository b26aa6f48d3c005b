package io.edistream.sequences;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A token of a sequence.
 *
 * @param stats the token and its statistics
 * @param tokenClass index into the class names of the sequence's start, 0 to {@value #MAX_CLASS}; 0 is any other token
 * @param unmeasured why entropy, log-probability or confidence is NaN; null if all three were measured
 * @param forced whether the source put it there, so that it was not drawn
 * @param phase what it is part of
 * @param best the most probable tokens in its place, in order, if its caller wants to know them
 */
public record DecodedToken(
        TokenStats stats,
        int tokenClass,
        @Nullable UnmeasuredReason unmeasured,
        boolean forced,
        Phase phase,
        List<Alternative> best) {

    /** The largest class. */
    public static final int MAX_CLASS = 127;

    /**
     * @throws IllegalArgumentException if the class is out of its bounds, or a measurement is missing without a reason,
     *     or the other way round
     */
    public DecodedToken {
        best = List.copyOf(best);
        if (tokenClass < 0 || tokenClass > MAX_CLASS) {
            throw new IllegalArgumentException(
                    "class of token " + stats.token() + " must be from 0 to " + MAX_CLASS + ", not " + tokenClass);
        }
        if (stats.isMeasured() != (unmeasured == null)) {
            throw new IllegalArgumentException("a token has a reason to be unmeasured if entropy, log-probability or"
                    + " confidence is NaN, and only then: " + stats + ", " + unmeasured);
        }
    }

    /** One whose alternatives nobody wants to know. */
    public DecodedToken(
            TokenStats stats, int tokenClass, @Nullable UnmeasuredReason unmeasured, boolean forced, Phase phase) {
        this(stats, tokenClass, unmeasured, forced, phase, List.of());
    }

    /** A token that was drawn and measured. */
    public static DecodedToken drawn(TokenStats stats, int tokenClass) {
        return new DecodedToken(stats, tokenClass, null, false, Phase.UNKNOWN);
    }

    /** A token of which nothing was measured. */
    public static DecodedToken unmeasured(int id, UnmeasuredReason reason, Phase phase) {
        return new DecodedToken(TokenStats.unmeasured(id), 0, reason, reason == UnmeasuredReason.FORCED, phase);
    }

    /** Id in the model's vocabulary, -1 if unknown. */
    public int id() {
        return stats.token();
    }
}
