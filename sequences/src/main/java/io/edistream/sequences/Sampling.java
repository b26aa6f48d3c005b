package io.edistream.sequences;

import java.util.Map;

/**
 * How the next token is drawn from the model's distribution. Bias and then penalties change the logits; filters apply
 * in the order of the components, to the distribution at the given temperature. What is measured of a token is always of the
 * distribution before all that.
 *
 * @param temperature 0 to {@value #MAX_TEMPERATURE}; 0 always takes the most probable token
 * @param topK only this many most probable tokens, at least 1; 0 when off
 * @param topP the shortest prefix of the sorted distribution with at least this mass, above 0; 1 when off
 * @param minP only tokens with at least this share of the largest probability, below 1; 0 when off
 * @param seed of the uniform numbers; equal seeds give equal sequences, whatever else is decoded beside them
 * @param penalties what tokens that came before lose
 * @param logitBias what is added to the logits of tokens, -{@value #MAX_BIAS} to {@value #MAX_BIAS}, for at most
 *     {@value #MAX_BIASED} tokens
 */
public record Sampling(
        double temperature,
        int topK,
        double topP,
        double minP,
        long seed,
        Penalties penalties,
        Map<Integer, Float> logitBias) {

    /** Above this the distribution is as good as uniform. */
    public static final double MAX_TEMPERATURE = 100;

    /** Largest bias of a token. */
    public static final int MAX_BIAS = 100;

    /** Most tokens with a bias. */
    public static final int MAX_BIASED = 300;

    /**
     * @throws IllegalArgumentException if a component is out of its bounds
     */
    public Sampling {
        requireTemperature(temperature);
        require(topK >= 0, "top-k", topK, "at least 0, where 0 is off");
        require(topP > 0 && topP <= 1, "top-p", topP, "above 0 and at most 1, where 1 is off");
        require(minP >= 0 && minP < 1, "min-p", minP, "from 0 to below 1, where 0 is off");
        logitBias = Map.copyOf(logitBias);
        require(logitBias.size() <= MAX_BIASED, "the number of biased tokens", logitBias.size(), "at most 300");
        logitBias.forEach((token, bias) ->
                require(Math.abs(bias) <= MAX_BIAS, "the bias of token " + token, bias, "from -100 to 100"));
    }

    /** Without penalties and bias. */
    public Sampling(double temperature, int topK, double topP, double minP, long seed) {
        this(temperature, topK, topP, minP, seed, Penalties.OFF, Map.of());
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
        return new Sampling(temperature, topK, topP, minP, newSeed, penalties, logitBias);
    }

    /** The same with penalties. */
    public Sampling penalised(Penalties newPenalties) {
        return new Sampling(temperature, topK, topP, minP, seed, newPenalties, logitBias);
    }

    /** The same with a bias. */
    public Sampling biased(Map<Integer, Float> newLogitBias) {
        return new Sampling(temperature, topK, topP, minP, seed, penalties, newLogitBias);
    }

    /** Whether the logits are changed before a token is drawn. */
    public boolean adjustsLogits() {
        return !penalties.areOff() || !logitBias.isEmpty();
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

    /**
     * What tokens lose that came before, as serving engines have it.
     *
     * @param repetition divides positive and multiplies negative logits of tokens of the prompt and of generated ones; above 0 and
     *     at most {@value #MAX_REPETITION}, 1 when off
     * @param presence is taken from the logits of tokens that were generated; -{@value #MAX_PENALTY} to {@value #MAX_PENALTY}
     * @param frequency is taken from the logits of tokens as often as they were generated; bounds as those of presence
     */
    public record Penalties(double repetition, double presence, double frequency) {

        /** Largest penalty of repetition. */
        public static final int MAX_REPETITION = 10;

        /** Largest penalty of presence and of frequency. */
        public static final int MAX_PENALTY = 2;

        /** None. */
        public static final Penalties OFF = new Penalties(1, 0, 0);

        /**
         * @throws IllegalArgumentException if a component is out of its bounds
         */
        public Penalties {
            require(
                    repetition > 0 && repetition <= MAX_REPETITION,
                    "repetition penalty",
                    repetition,
                    "above 0 and at most 10, where 1 is off");
            require(Math.abs(presence) <= MAX_PENALTY, "presence penalty", presence, "from -2 to 2, where 0 is off");
            require(Math.abs(frequency) <= MAX_PENALTY, "frequency penalty", frequency, "from -2 to 2, where 0 is off");
        }

        /** Whether nothing is lost. */
        public boolean areOff() {
            return equals(OFF);
        }
    }
}
