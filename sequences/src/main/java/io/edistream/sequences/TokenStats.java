package io.edistream.sequences;

/**
 * One token and what the distribution behind it said. All but {@code rank} are of one distribution, whose kind the
 * sequence's start names: for the decode loop the raw one, temperature 1, no filter. NaN is a number that nobody knows.
 *
 * @param token id in the model's vocabulary; -1 if unknown
 * @param entropyNats Shannon entropy; its lower bound where only bounds are known
 * @param logProbability natural logarithm of the token's probability
 * @param confidence minus the mean log-probability of the 20 most probable tokens, nats
 * @param selfCertainty KL divergence of the distribution from the uniform one, nats
 * @param varentropy variance of the information content, nats squared
 * @param rank place of the token in the order of falling probability, from 0; -1 if unknown
 * @param upperBoundNats upper bound of the entropy where only bounds are known, at least the lower one
 * @param restMass probability of all tokens that the engine did not list, 0 to 1, where only bounds are known
 */
public record TokenStats(
        int token,
        float entropyNats,
        float logProbability,
        float confidence,
        float selfCertainty,
        float varentropy,
        int rank,
        float upperBoundNats,
        float restMass) {

    /** Statistics of the whole distribution. */
    public TokenStats(
            int token,
            float entropyNats,
            float logProbability,
            float confidence,
            float selfCertainty,
            float varentropy,
            int rank) {
        this(token, entropyNats, logProbability, confidence, selfCertainty, varentropy, rank, Float.NaN, Float.NaN);
    }

    /** A token of which nothing was measured. */
    public static TokenStats unmeasured(int token) {
        return new TokenStats(token, Float.NaN, Float.NaN, Float.NaN, Float.NaN, Float.NaN, -1);
    }

    /** Whether entropy, log-probability and confidence are all known. */
    public boolean isMeasured() {
        return !Float.isNaN(entropyNats) && !Float.isNaN(logProbability) && !Float.isNaN(confidence);
    }
}
