package io.edistream.generator.decode;

import io.edistream.sequences.Sampling;
import java.util.List;
import java.util.Map;

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
 * @param seen how often each token was generated, 0 for those of the prompt alone; only needed if there are penalties, and not
 *     to be kept by the model
 * @param alternatives how many of the most probable tokens are to be told, 0 to {@value #MAX_ALTERNATIVES}
 */
public record StepRow(
        List<Integer> tokens,
        int firstPosition,
        List<Integer> blocks,
        Sampling sampling,
        double uniform,
        int forcedRank,
        int forcedToken,
        Map<Integer, Integer> seen,
        int alternatives) {

    /** Most alternatives that a row may ask for. */
    public static final int MAX_ALTERNATIVES = 20;

    /** The value of {@code forcedRank} and {@code forcedToken} that leaves the choice to the sampling. */
    public static final int SAMPLED = -1;

    /** One that is drawn freely, by a sampling that looks at nothing that came before. */
    public StepRow(
            List<Integer> tokens,
            int firstPosition,
            List<Integer> blocks,
            Sampling sampling,
            double uniform,
            int forcedRank) {
        this(tokens, firstPosition, blocks, sampling, uniform, forcedRank, SAMPLED, Map.of(), 0);
    }
}
