package io.edistream.sequences;

/**
 * A token that could have come.
 *
 * @param token id in the model's vocabulary
 * @param logProbability natural logarithm of its probability, of the distribution that the drawn token's statistics are of
 */
public record Alternative(int token, float logProbability) {}
