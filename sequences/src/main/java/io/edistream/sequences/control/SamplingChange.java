package io.edistream.sequences.control;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How tokens are to be drawn; null is not to be changed.
 *
 * @param temperature 0 for greedy
 * @param topK tokens, 0 for off
 * @param topP mass, 1 for off
 * @param minP share of the largest probability, 0 for off
 * @param seed of the uniform numbers
 * @param further other parameters by name
 */
public record SamplingChange(
        @Nullable Float temperature,
        @Nullable Integer topK,
        @Nullable Float topP,
        @Nullable Float minP,
        @Nullable Long seed,
        Map<String, Double> further) {

    /** Copies the map. */
    public SamplingChange {
        further = Map.copyOf(further);
    }
}
