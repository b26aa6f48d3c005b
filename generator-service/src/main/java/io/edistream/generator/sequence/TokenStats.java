package io.edistream.generator.sequence;

/**
 * One drawn token and what the distribution it was drawn from said. All but {@code rank} are of the raw distribution:
 * temperature 1, no filter.
 *
 * @param token id in the model's vocabulary
 * @param entropyNats Shannon entropy
 * @param logProbability natural logarithm of the token's probability
 * @param confidence minus the mean log-probability of the 20 most probable tokens, nats
 * @param selfCertainty KL divergence of the distribution from the uniform one, nats
 * @param varentropy variance of the information content, nats squared
 * @param rank place of the token in the order of falling probability, from 0
 */
public record TokenStats(
        int token,
        float entropyNats,
        float logProbability,
        float confidence,
        float selfCertainty,
        float varentropy,
        int rank) {}
