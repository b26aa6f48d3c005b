package io.edistream.signals;

/**
 * What the model's next-token distribution said when one token was drawn.
 *
 * @param entropyNats Shannon entropy of the distribution, nats, finite and not negative
 * @param logprob natural log-probability of the chosen token, at most 0, or {@link #UNMEASURED}
 * @param confidence minus the mean log-probability of the most probable tokens, nats, finite and not negative, or
 *     {@link #UNMEASURED}
 * @param tokenClass class that the generator gave the token, 0 to {@link #MAX_CLASS}; 0 is any other token
 */
public record Token(double entropyNats, double logprob, double confidence, int tokenClass) {

    /** Stands for a value that the source of the tokens does not measure; signals that need it have no score. */
    public static final double UNMEASURED = Double.NaN;

    /** The largest token class. */
    public static final int MAX_CLASS = 127;

    /**
     * @throws IllegalArgumentException if a value is out of range; the message names the value and what is allowed
     */
    public Token {
        if (!(entropyNats >= 0) || Double.isInfinite(entropyNats)) {
            throw new IllegalArgumentException("entropy " + entropyNats + ": must be finite and at least 0 nats");
        }
        if (logprob > 0 || Double.isInfinite(logprob)) {
            throw new IllegalArgumentException("logprob " + logprob + ": must be finite and at most 0");
        }
        if (confidence < 0 || Double.isInfinite(confidence)) {
            throw new IllegalArgumentException("confidence " + confidence + ": must be finite and at least 0 nats");
        }
        if (tokenClass < 0 || tokenClass > MAX_CLASS) {
            throw new IllegalArgumentException("token class " + tokenClass + ": must be 0 to " + MAX_CLASS);
        }
    }

    /** A token of which only the entropy is known. */
    public static Token ofEntropy(double entropyNats) {
        return new Token(entropyNats, UNMEASURED, UNMEASURED, 0);
    }
}
