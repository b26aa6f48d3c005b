package io.edistream.cli.generate;

import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.cli.JsonLine;
import io.edistream.generator.decode.AnswerCheck;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.answers.Extraction;
import io.edistream.signals.groups.SamplePlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One line of input: {@code {"id": ..., "prompt": "..."}}, or with {@code "messages"} instead, and whatever differs from the defaults.
 *
 * @param id as it stood in the line, a string or a number
 * @param request what to generate
 * @param samples how many sequences, 1 to {@value #MAX_SAMPLES}
 * @param plan when they start, and when they are enough; null for all at once, to their ends
 */
record GenerationLine(JsonNode id, GenerationRequest request, int samples, @Nullable SamplePlan plan) {

    static final int MAX_SAMPLES = 64;

    private static final String EXAMPLE = "{\"id\": \"a\", \"prompt\": \"...\"}";
    private static final List<String> FIELDS = List.of(
            "id",
            "prompt",
            "messages",
            "route",
            "samples",
            "temperature",
            "top_k",
            "top_p",
            "min_p",
            "repetition_penalty",
            "presence_penalty",
            "frequency_penalty",
            "logit_bias",
            "seed",
            "max_new_tokens",
            "stop",
            "strategy",
            "extract",
            "answer");

    /**
     * What holds for lines that say nothing else.
     *
     * @param temperature of the sampling
     * @param maxNewTokens most tokens per sequence, at least 1
     * @param samples sequences per prompt, 1 to {@value #MAX_SAMPLES}
     * @param extraction how answers are found in texts; null to find them as the route does
     */
    record Defaults(double temperature, int maxNewTokens, int samples, @Nullable Extraction extraction) {

        /**
         * @throws IllegalArgumentException if a value is out of its bounds
         */
        Defaults {
            // Whoever uses the values checks them too, but only when the first line is there.
            Sampling.requireTemperature(temperature);
            GenerationRequest.requireMaxNewTokens(maxNewTokens);
            requireSamples(samples);
        }
    }

    /**
     * Reads a line.
     *
     * @param seed of the sampling, if the line has none
     * @throws IllegalArgumentException if it is not such an object; the message says what is wrong
     */
    static GenerationLine parse(String line, Defaults defaults, long seed) {
        JsonNode object = JsonLine.object(line, EXAMPLE);
        JsonLine.requireFields(object, FIELDS);
        JsonNode id = JsonLine.id(object);
        Sampling sampling = new Sampling(
                number(object, "temperature", defaults.temperature()),
                integer(object, "top_k", 0),
                number(object, "top_p", 1),
                number(object, "min_p", 0),
                whole(object, "seed", seed),
                new Sampling.Penalties(
                        number(object, "repetition_penalty", 1),
                        number(object, "presence_penalty", 0),
                        number(object, "frequency_penalty", 0)),
                bias(object.path("logit_bias")));
        GenerationRequest request = GenerationRequest.of(PromptField.read(object))
                .onRoute(object.has("route") ? text(object, "route") : GenerationRequest.DEFAULT_ROUTE)
                .withSampling(sampling)
                .withMaxNewTokens(integer(object, "max_new_tokens", defaults.maxNewTokens()))
                .stoppedBy(texts(object, "stop"))
                .named(id.asText());
        Extraction extraction =
                object.has("extract") ? extraction("\"extract\"", text(object, "extract")) : defaults.extraction();
        if (extraction != null) {
            request = request.extractedBy(extraction);
        }
        if (object.has("answer")) {
            String answer = text(object, "answer");
            request =
                    request.checkedBy(AnswerCheck.expecting(extraction == null ? answer : extraction.expected(answer)));
        }
        int samples = integer(object, "samples", defaults.samples());
        requireSamples(samples);
        Optional<SamplePlan> plan = object.has("strategy")
                ? Optional.of(new SamplePlan(StrategyName.parse(text(object, "strategy")), samples))
                : Optional.empty();
        return new GenerationLine(id, request, samples, plan.orElse(null));
    }

    /**
     * How answers are found.
     *
     * @param what of the input this is, for the message
     * @throws IllegalArgumentException if there is no such extraction
     */
    static Extraction extraction(String what, String name) {
        try {
            return Extraction.parse(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(what + ": " + e.getMessage(), e);
        }
    }

    private static void requireSamples(int samples) {
        if (samples < 1 || samples > MAX_SAMPLES) {
            throw new IllegalArgumentException("samples must be 1 to " + MAX_SAMPLES + ", not " + samples);
        }
    }

    private static String text(JsonNode object, String field) {
        JsonNode value = object.path(field);
        if (!value.isTextual()) {
            throw wrong(field, value, "a string");
        }
        return value.textValue();
    }

    /** A string or a list of them; none if it is missing. */
    private static List<String> texts(JsonNode object, String field) {
        JsonNode value = object.path(field);
        if (value.isMissingNode()) {
            return List.of();
        }
        if (value.isTextual()) {
            return List.of(value.textValue());
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode one : value) {
            if (!one.isTextual()) {
                throw wrong(field, value, "a string or a list of strings");
            }
            texts.add(one.textValue());
        }
        if (!value.isArray()) {
            throw wrong(field, value, "a string or a list of strings");
        }
        return texts;
    }

    private static double number(JsonNode object, String field, double missing) {
        JsonNode value = object.path(field);
        if (value.isMissingNode()) {
            return missing;
        }
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw wrong(field, value, "a finite number");
        }
        return value.doubleValue();
    }

    private static Map<Integer, Float> bias(JsonNode object) {
        if (!object.isMissingNode() && !object.isObject()) {
            throw wrong("logit_bias", object, "an object of token ids with numbers, for instance {\"17\": -100}");
        }
        Map<Integer, Float> bias = new HashMap<>();
        object.fieldNames().forEachRemaining(token -> bias.put(tokenId(token), (float) number(object, token, 0)));
        return bias;
    }

    private static int tokenId(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"logit_bias\" has \"" + text + "\": must be the id of a token", e);
        }
    }

    private static int integer(JsonNode object, String field, int missing) {
        JsonNode value = object.path(field);
        if (value.isMissingNode()) {
            return missing;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw wrong(field, value, "a whole number below 2^31");
        }
        return value.intValue();
    }

    private static long whole(JsonNode object, String field, long missing) {
        JsonNode value = object.path(field);
        if (value.isMissingNode()) {
            return missing;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrong(field, value, "a whole number below 2^63");
        }
        return value.longValue();
    }

    private static IllegalArgumentException wrong(String field, JsonNode value, String expected) {
        return new IllegalArgumentException(
                "\"" + field + "\" is " + JsonLine.describe(value) + ": must be " + expected);
    }
}
