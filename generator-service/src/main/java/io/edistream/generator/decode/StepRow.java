package io.edistream.generator.decode;

import io.edistream.sequences.Sampling;
import java.util.List;

/**
 * One sequence's part of a model step: new tokens to read, then one token to draw.
 *
 * @param tokens ids to append to the cache, at least one
 * @param firstPosition position of the first of them in the sequence, prompt included
 * @param blocks the sequence's blocks of the cache in order, enough for all positions up to the last new one
 * @param sampling how to draw
 * @param uniform number in [0, 1) that chooses the token
 * @param forcedRank take the token of this rank in the order of falling probability, from 0; {@link #SAMPLED} to draw
 * @param forcedToken take the token of this id; {@link #SAMPLED} to draw
 */
public record StepRow(
        List<Integer> tokens,
        int firstPosition,
        List<Integer> blocks,
        Sampling sampling,
        double uniform,
        int forcedRank,
        int forcedToken) {

    /** The value of {@code forcedRank} and {@code forcedToken} that leaves the choice to the sampling. */
    public static final int SAMPLED = -1;
}
