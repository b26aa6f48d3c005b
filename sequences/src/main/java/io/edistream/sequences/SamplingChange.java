package io.edistream.sequences;

import io.edistream.sequences.Sampling.Penalties;
import java.util.List;
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
 * @param further other parameters by name: the penalties
 */
public record SamplingChange(
        @Nullable Float temperature,
        @Nullable Integer topK,
        @Nullable Float topP,
        @Nullable Float minP,
        @Nullable Long seed,
        Map<String, Double> further) {

    /** Name of the further parameter for {@link Penalties#repetition}. */
    public static final String REPETITION_PENALTY = "repetition_penalty";

    /** Name of the further parameter for {@link Penalties#presence}. */
    public static final String PRESENCE_PENALTY = "presence_penalty";

    /** Name of the further parameter for {@link Penalties#frequency}. */
    public static final String FREQUENCY_PENALTY = "frequency_penalty";

    private static final List<String> PENALTIES = List.of(REPETITION_PENALTY, PRESENCE_PENALTY, FREQUENCY_PENALTY);

    /** Changes nothing. */
    public static final SamplingChange NONE = new SamplingChange(null, null, null, null, null, Map.of());

    /** Copies the map. */
    public SamplingChange {
        further = Map.copyOf(further);
    }

    /** Changes the temperature alone. */
    public static SamplingChange toTemperature(float temperature) {
        return new SamplingChange(temperature, null, null, null, null, Map.of());
    }

    /** Whether it changes nothing. */
    public boolean isEmpty() {
        return equals(NONE);
    }

    /**
     * The changed sampling.
     *
     * @throws IllegalArgumentException if a value is out of its bounds, or there is no parameter of such a name; the message
     *     says so
     */
    public Sampling appliedTo(Sampling sampling) {
        for (String name : further.keySet()) {
            if (!PENALTIES.contains(name)) {
                throw new IllegalArgumentException("no parameter " + name
                        + "; known are temperature, top_k, top_p, min_p, seed, " + String.join(", ", PENALTIES));
            }
        }
        Penalties before = sampling.penalties();
        return new Sampling(
                temperature == null ? sampling.temperature() : temperature,
                topK == null ? sampling.topK() : topK,
                topP == null ? sampling.topP() : topP,
                minP == null ? sampling.minP() : minP,
                seed == null ? sampling.seed() : seed,
                new Penalties(
                        further.getOrDefault(REPETITION_PENALTY, before.repetition()),
                        further.getOrDefault(PRESENCE_PENALTY, before.presence()),
                        further.getOrDefault(FREQUENCY_PENALTY, before.frequency())),
                sampling.logitBias());
    }
}
