package io.edistream.sequences;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How tokens are drawn, as far as a source knows: an engine that others run tells nothing of its own defaults.
 *
 * @param temperature 0 for greedy; null if unknown
 * @param topK tokens, 0 when off; null if unknown
 * @param topP mass, 1 when off; null if unknown
 * @param minP share of the largest probability, 0 when off; null if unknown
 * @param seed of the sequence; null if unknown
 * @param further other parameters, by the name that the engine gives them
 */
public record ToldSampling(
        @Nullable Double temperature,
        @Nullable Integer topK,
        @Nullable Double topP,
        @Nullable Double minP,
        @Nullable Long seed,
        Map<String, Double> further) {

    /** Of which nothing is known. */
    public static final ToldSampling UNKNOWN = new ToldSampling(null, null, null, null, null, Map.of());

    /** Copies the map. */
    public ToldSampling {
        further = Map.copyOf(further);
    }

    /** All of it; of a bias only how many tokens have one, since ids of tokens may not be told. */
    public static ToldSampling of(Sampling sampling) {
        return new ToldSampling(
                sampling.temperature(),
                sampling.topK(),
                sampling.topP(),
                sampling.minP(),
                sampling.seed(),
                further(sampling));
    }

    private static Map<String, Double> further(Sampling from) {
        if (!from.adjustsLogits()) {
            return Map.of();
        }
        Map<String, Double> further = new TreeMap<>();
        further.put(SamplingChange.REPETITION_PENALTY, from.penalties().repetition());
        further.put(SamplingChange.PRESENCE_PENALTY, from.penalties().presence());
        further.put(SamplingChange.FREQUENCY_PENALTY, from.penalties().frequency());
        further.put("logit_bias_tokens", (double) from.logitBias().size());
        return further;
    }
}
