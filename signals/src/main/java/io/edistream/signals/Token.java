package io.edistream.signals;

/**
 * What the model's next-token distribution said when one token was drawn. A value that nobody measured is {@link
 * #UNMEASURED}, which is not zero: signals skip it.
 *
 * <p>Sources round, and write sentinels where they have no value. What that means is decided here alone: a token holds
 * what its values stand for, and refuses what no distribution can have.
 *
 * @param entropyNats Shannon entropy of the distribution, nats, finite and at least 0, or unmeasured; the lower bound if
 *     the source knows only the most probable tokens. From {@value #ROUNDING} below 0 up it is 0.
 * @param upperNats upper bound of the entropy, nats, finite and at least the lower one, or unmeasured if the entropy is
 *     exact or the source knows no bound. Up to {@value #ROUNDING} below the lower bound it is that.
 * @param logprob natural log-probability of the chosen token, above {@value #SENTINEL_LOGPROB} and at most 0, or
 *     unmeasured. NaN and everything at or below {@value #SENTINEL_LOGPROB}, -Infinity included, are sentinels and so
 *     unmeasured; up to {@value #ROUNDING} above 0 it is 0.
 * @param confidence minus the mean log-probability of the most probable tokens, nats, at least 0 and below
 *     {@value #CONFIDENCE_LIMIT}, or unmeasured; what reaches the limit has a sentinel in its mean. From
 *     {@value #ROUNDING} below 0 up it is 0.
 * @param tokenClass class that the source gave the token, 0 to {@value #MAX_CLASS}: an index into the names that the
 *     start of its sequence gives
 */
public record Token(double entropyNats, double upperNats, double logprob, double confidence, int tokenClass) {

    /** Stands for a value that nobody measured; signals skip it, and those that need it have no score. */
    public static final double UNMEASURED = Double.NaN;

    /** How far beyond its bound a value may lie by rounding, nats. A one-hot distribution has -1.2e-7 in float32. */
    public static final double ROUNDING = 1e-6;

    /** The largest log-probability that stands for none: -100, -1000, -9999 and -3.4e38 occur. */
    public static final double SENTINEL_LOGPROB = -100;

    /** No distribution over a vocabulary has a confidence that reaches this, nats. */
    public static final double CONFIDENCE_LIMIT = 400;

    /** The largest token class. */
    public static final int MAX_CLASS = 127;

    /**
     * @throws IllegalArgumentException if a value is impossible; the message names the value and what is allowed
     */
    public Token {
        entropyNats = entropy(entropyNats);
        upperNats = upper(upperNats, entropyNats);
        logprob = logprob(logprob);
        confidence = confidence(confidence);
        if (!isPossibleClass(tokenClass)) {
            throw new IllegalArgumentException("token class " + tokenClass + ": must be 0 to " + MAX_CLASS);
        }
    }

    /** A token of which only the entropy is known. */
    public static Token ofEntropy(double entropyNats) {
        return new Token(entropyNats, UNMEASURED, UNMEASURED, UNMEASURED, 0);
    }

    /** Whether the entropy, or its lower bound, was measured. */
    public boolean hasEntropy() {
        return !Double.isNaN(entropyNats);
    }

    /** Whether the entropy has an upper bound. */
    public boolean hasUpper() {
        return !Double.isNaN(upperNats);
    }

    /** Whether the log-probability was measured. */
    public boolean hasLogprob() {
        return !Double.isNaN(logprob);
    }

    /** Whether the confidence was measured. */
    public boolean hasConfidence() {
        return !Double.isNaN(confidence);
    }

    /** Whether a source may send this entropy. Cheap, for code that asks it of every token. */
    public static boolean isPossibleEntropy(double entropyNats) {
        // Written so that NaN, which is unmeasured, passes; the same below.
        return !(entropyNats < -ROUNDING) && entropyNats != Double.POSITIVE_INFINITY;
    }

    /** Whether a source may send this upper bound beside this entropy. */
    public static boolean isPossibleUpper(double upperNats, double entropyNats) {
        return Double.isNaN(upperNats)
                || (upperNats >= Math.max(entropyNats, 0) - ROUNDING && upperNats != Double.POSITIVE_INFINITY);
    }

    /** Whether a source may send this log-probability. */
    public static boolean isPossibleLogprob(double logprob) {
        return !(logprob > ROUNDING);
    }

    /** Whether a source may send this confidence. */
    public static boolean isPossibleConfidence(double confidence) {
        return !(confidence < -ROUNDING) && !(confidence >= CONFIDENCE_LIMIT);
    }

    /** Whether a source may give a token this class. */
    public static boolean isPossibleClass(int tokenClass) {
        return tokenClass >= 0 && tokenClass <= MAX_CLASS;
    }

    /**
     * What a source's entropy stands for.
     *
     * @throws IllegalArgumentException if it is not {@linkplain #isPossibleEntropy possible}
     */
    public static double entropy(double sent) {
        if (!isPossibleEntropy(sent)) {
            throw new IllegalArgumentException("entropy " + sent + ": must be finite and at least 0 nats");
        }
        return notNegative(sent);
    }

    /**
     * What a source's upper bound stands for.
     *
     * @throws IllegalArgumentException if it is not {@linkplain #isPossibleUpper possible}
     */
    public static double upper(double sent, double entropyNats) {
        if (!isPossibleUpper(sent, entropyNats)) {
            throw new IllegalArgumentException("upper bound " + sent + " of entropy " + entropyNats
                    + ": must be finite and at least the entropy, which must be measured");
        }
        return sent < entropyNats ? entropyNats : notNegative(sent);
    }

    /**
     * What a source's log-probability stands for.
     *
     * @throws IllegalArgumentException if it is not {@linkplain #isPossibleLogprob possible}
     */
    public static double logprob(double sent) {
        if (!isPossibleLogprob(sent)) {
            throw new IllegalArgumentException("logprob " + sent + ": must be at most 0");
        }
        if (sent <= SENTINEL_LOGPROB) {
            return UNMEASURED;
        }
        return sent >= 0 ? 0 : sent;
    }

    /**
     * What a source's confidence stands for.
     *
     * @throws IllegalArgumentException if it is not {@linkplain #isPossibleConfidence possible}
     */
    public static double confidence(double sent) {
        if (!isPossibleConfidence(sent)) {
            throw new IllegalArgumentException(
                    "confidence " + sent + ": must be at least 0 and less than " + CONFIDENCE_LIMIT + " nats");
        }
        return notNegative(sent);
    }

    private static double notNegative(double sent) {
        // Not Math.max: NaN stays, and so would -0.0.
        return sent <= 0 ? 0 : sent;
    }
}
