package io.edistream.sequences;

/**
 * One token and what the distribution behind it said. All but {@code rank} are of one distribution, whose kind the
 * sequence's start names: for the decode loop the raw one, temperature 1, no filter. NaN is a number that nobody knows.
 *
 * @param token id in the model's vocabulary; -1 if unknown
 * @param entropyNats Shannon entropy
 * @param logProbability natural logarithm of the token's probability
 * @param confidence minus the mean log-probability of the 20 most probable tokens, nats
 * @param selfCertainty KL divergence of the distribution from the uniform one, nats
 * @param varentropy variance of the information content, nats squared
 * @param rank place of the token in the order of falling probability, from 0; -1 if unknown
 */
public record TokenStats(
        int token,
        float entropyNats,
        float logProbability,
        float confidence,
        float selfCertainty,
        float varentropy,
        int rank) {

    /** A token of which nothing was measured. */
    public static TokenStats unmeasured(int token) {
        return new TokenStats(token, Float.NaN, Float.NaN, Float.NaN, Float.NaN, Float.NaN, -1);
    }

    /** Whether entropy, log-probability and confidence are all known. */
    public boolean isMeasured() {
        return !Float.isNaN(entropyNats) && !Float.isNaN(logProbability) && !Float.isNaN(confidence);
    }
}
