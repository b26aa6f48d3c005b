package io.edistream.sequences;

/**
 * How the next token is drawn from the model's distribution. Filters apply in the order of the components, to the
 * distribution at the given temperature.
 *
 * @param temperature 0 to {@value #MAX_TEMPERATURE}; 0 always takes the most probable token
 * @param topK only this many most probable tokens, at least 1; 0 when off
 * @param topP the shortest prefix of the sorted distribution with at least this mass, above 0; 1 when off
 * @param minP only tokens with at least this share of the largest probability, below 1; 0 when off
 * @param seed of the uniform numbers; equal seeds give equal sequences, whatever else is decoded beside them
 */
public record Sampling(double temperature, int topK, double topP, double minP, long seed) {

    /** Above this the distribution is as good as uniform. */
    public static final double MAX_TEMPERATURE = 100;

    /**
     * @throws IllegalArgumentException if a component is out of its bounds
     */
    public Sampling {
        requireTemperature(temperature);
        require(topK >= 0, "top-k", topK, "at least 0, where 0 is off");
        require(topP > 0 && topP <= 1, "top-p", topP, "above 0 and at most 1, where 1 is off");
        require(minP >= 0 && minP < 1, "min-p", minP, "from 0 to below 1, where 0 is off");
    }

    /** Always the most probable token. */
    public static Sampling greedy() {
        return new Sampling(0, 0, 1, 0, 0);
    }

    /** Draws from the whole distribution at a temperature. */
    public static Sampling of(double temperature, long seed) {
        return new Sampling(temperature, 0, 1, 0, seed);
    }

    /** The same with another seed. */
    public Sampling withSeed(long newSeed) {
        return new Sampling(temperature, topK, topP, minP, newSeed);
    }

    /**
     * Checks a temperature before there is anything else to check.
     *
     * @throws IllegalArgumentException if it is out of its bounds
     */
    public static void requireTemperature(double temperature) {
        require(temperature >= 0 && temperature <= MAX_TEMPERATURE, "temperature", temperature, "from 0 to 100");
    }

    private static void require(boolean holds, String name, Number value, String bounds) {
        if (!holds) {
            throw new IllegalArgumentException(name + " must be " + bounds + ", not " + value);
        }
    }
}
