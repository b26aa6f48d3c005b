package io.edistream.signals;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the most probable tokens of a next-token distribution say of the whole of it. With S the listed tokens and the drawn
 * one, p their probabilities, H(S) the sum of -p ln p, r the rest 1 - sum p, c the largest probability that an unlisted token
 * can have and n the number of unlisted tokens: the entropy is smallest if the rest is packed into tokens of c and one
 * remainder, and largest if all unlisted tokens share it evenly (design, Signals, section 7).
 *
 * @param lowerNats lower bound of the Shannon entropy, nats; NaN if the list is refused
 * @param upperNats upper bound of it, nats; NaN if the list is refused or the size of the vocabulary is unknown
 * @param restMass probability of all tokens but the listed and the drawn one, 0 to 1; NaN if the list is refused
 * @param confidence minus the mean log-probability of the {@value #CONFIDENT} most probable tokens, nats; NaN if they are
 *     not all known
 * @param logprob natural log-probability of the drawn token; NaN if its source does not know it
 * @param rank place of the drawn token in the order of falling probability, from 0; -1 if unknown
 * @param flaw why the list is refused; null if it is not
 */
public record TopLogprobs(
        double lowerNats,
        double upperNats,
        double restMass,
        double confidence,
        double logprob,
        int rank,
        @Nullable Flaw flaw) {

    /** Tokens that a confidence is the mean of. */
    public static final int CONFIDENT = 20;

    /** How far the sum of probabilities may lie off what is possible: engines add them up in float32. */
    public static final double MASS_TOLERANCE = 1e-3;

    /** How far two log-probabilities of one token may lie apart, nats. */
    public static final double SAME = 1e-4;

    /** Which tokens a source lists. */
    public enum Listing {
        /** The most probable ones, and no other. */
        BY_RANK,
        /** The drawn one whatever its rank, which takes the place of the last of the most probable ones. */
        WITH_DRAWN,
        /** Never the drawn one. */
        WITHOUT_DRAWN
    }

    /** Why a list is refused. */
    public enum Flaw {
        /** It has no entry that stands for a probability. */
        EMPTY,
        /** It has a log-probability above 0. */
        ABOVE_ZERO,
        /** Its probabilities add up to more than 1. */
        ABOVE_ONE,
        /** The drawn token has one log-probability in the list and another beside it. */
        TWO_VALUES,
        /** The drawn token is more probable than one that is listed, and is not listed itself. */
        NOT_LISTED,
        /** It leaves more than the rest of the vocabulary can have, or is longer than the vocabulary. */
        BEYOND_VOCABULARY
    }

    /**
     * Reads a list.
     *
     * @param logprobs natural log-probabilities of distinct tokens, in any order; sentinels among them (NaN and everything at
     *     or below {@value Token#SENTINEL_LOGPROB}) stand for probability 0. Its order afterwards is another one.
     * @param count how many of them there are
     * @param drawnAt place of the drawn token among them; -1 if it is not listed
     * @param drawn the drawn token's log-probability as its source sends it beside the list; a sentinel if it is unknown
     * @param listing which tokens the source lists
     * @param vocabulary tokens in the model's vocabulary; 0 if unknown
     */
    public static TopLogprobs of(
            double[] logprobs, int count, int drawnAt, double drawn, Listing listing, int vocabulary) {
        if (drawn > Token.ROUNDING) {
            return refused(Flaw.ABOVE_ZERO, Token.UNMEASURED);
        }
        double own = Token.logprob(drawn);
        double inList = drawnAt >= 0 ? logprobs[drawnAt] : Token.UNMEASURED;
        if (drawnAt >= 0 && !Double.isNaN(own) && !(Math.abs(inList - own) <= SAME)) {
            return refused(Flaw.TWO_VALUES, own);
        }
        int known = 0;
        for (int i = 0; i < count; i++) {
            double logprob = logprobs[i];
            if (logprob > Token.ROUNDING) {
                return refused(Flaw.ABOVE_ZERO, own);
            }
            if (logprob > Token.SENTINEL_LOGPROB) {
                logprobs[known++] = Math.min(logprob, 0);
            }
        }
        if (known == 0) {
            return refused(Flaw.EMPTY, own);
        }
        Arrays.sort(logprobs, 0, known);
        boolean listed = inList > Token.SENTINEL_LOGPROB;
        boolean beside = !listed && !Double.isNaN(own);
        if (beside && listing != Listing.WITHOUT_DRAWN && own > logprobs[0] + SAME) {
            return refused(Flaw.NOT_LISTED, own);
        }
        return bounds(logprobs, known, listed ? Math.min(inList, 0) : own, own, listed, listing, vocabulary);
    }

    /** @param logprobs in rising order, without sentinels */
    private static TopLogprobs bounds(
            double[] logprobs, int known, double drawn, double own, boolean listed, Listing listing, int vocabulary) {
        // The least probable entry says nothing of unlisted tokens if it stands there only because it was drawn.
        boolean outside = listed && listing != Listing.BY_RANK && drawn <= logprobs[0];
        int first = outside ? 1 : 0;
        boolean beside = !listed && !Double.isNaN(own);
        double mass = 0;
        double entropy = 0;
        for (int i = 0; i < known; i++) {
            double p = StrictMath.exp(logprobs[i]);
            mass += p;
            entropy -= p * logprobs[i];
        }
        if (beside) {
            double p = StrictMath.exp(own);
            mass += p;
            entropy -= p * own;
        }
        if (mass > 1 + MASS_TOLERANCE) {
            return refused(Flaw.ABOVE_ONE, own);
        }
        double rest = Math.max(0, 1 - mass);
        double cap = first < known ? Math.min(1, StrictMath.exp(logprobs[first])) : 1;
        double upper = Token.UNMEASURED;
        double packed = rest;
        if (vocabulary > 0) {
            int unlisted = vocabulary - known - (beside ? 1 : 0);
            if (unlisted < 0 || rest > unlisted * cap + MASS_TOLERANCE) {
                return refused(Flaw.BEYOND_VOCABULARY, own);
            }
            // What is more than the unlisted tokens can have is rounding.
            packed = Math.min(rest, unlisted * cap);
            upper = entropy + (packed > 0 ? packed * StrictMath.log(unlisted / packed) : 0);
            upper = Math.min(upper, StrictMath.log(vocabulary));
        }
        double lower = entropy + smallest(packed, cap);
        if (lower > upper) {
            lower = upper;
        }
        boolean ranked = !outside && (listed || beside);
        return new TopLogprobs(
                Math.max(0, lower),
                Double.isNaN(upper) ? upper : Math.max(0, upper),
                Math.min(1, rest),
                confidence(logprobs, first, known, beside && listing == Listing.WITHOUT_DRAWN ? own : Token.UNMEASURED),
                own,
                ranked ? rank(logprobs, known, drawn, listed) : -1,
                null);
    }

    /** The smallest entropy that tokens of at most {@code cap} can add if they have {@code rest} together, nats. */
    private static double smallest(double rest, double cap) {
        if (rest <= 0) {
            return 0;
        }
        double full = Math.floor(rest / cap);
        double remainder = Math.max(0, rest - full * cap);
        return (full > 0 ? -full * cap * StrictMath.log(cap) : 0)
                + (remainder > 0 ? -remainder * StrictMath.log(remainder) : 0);
    }

    /** Of the most probable tokens, which are those from {@code first} on and, if it is among them, the drawn one. */
    private static double confidence(double[] logprobs, int first, int known, double drawn) {
        boolean among = !Double.isNaN(drawn) && drawn >= logprobs[Math.max(first, known - CONFIDENT)];
        int listed = CONFIDENT - (among ? 1 : 0);
        if (known - first < listed) {
            return Token.UNMEASURED;
        }
        double sum = among ? drawn : 0;
        for (int i = known - listed; i < known; i++) {
            sum += logprobs[i];
        }
        return Math.max(0, -sum / CONFIDENT);
    }

    private static int rank(double[] logprobs, int known, double drawn, boolean listed) {
        int above = 0;
        for (int i = known - 1; i >= 0 && logprobs[i] > drawn; i--) {
            above++;
        }
        // Unlisted ones may stand before one that is less probable than all that are listed.
        return listed || above < known ? above : -1;
    }

    private static TopLogprobs refused(Flaw flaw, double own) {
        return new TopLogprobs(Token.UNMEASURED, Token.UNMEASURED, Token.UNMEASURED, Token.UNMEASURED, own, -1, flaw);
    }
}
