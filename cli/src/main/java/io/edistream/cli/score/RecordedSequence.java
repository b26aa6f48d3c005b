package io.edistream.cli.score;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.edistream.signals.Token;
import java.util.ArrayList;
import java.util.List;

/**
 * One line of input: {@code {"id": ..., "entropies": [...]}}, optionally with {@code logprobs} and {@code confidences}
 * of the same length.
 *
 * @param id as it stood in the line, a string or a number
 * @param tokens at least one
 */
record RecordedSequence(JsonNode id, List<Token> tokens) {

    private static final ObjectReader READER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(JsonNode.class);

    /**
     * Reads a line.
     *
     * @throws IllegalArgumentException if it is not such an object; the message says what is wrong
     */
    static RecordedSequence parse(String line) {
        JsonNode object = readObject(line);
        JsonNode id = object.path("id");
        if (!id.isTextual() && !id.isNumber()) {
            throw new IllegalArgumentException("\"id\" is " + describe(id) + ": must be a string or a number");
        }
        List<Double> entropies = numbers(object, "entropies");
        if (entropies.isEmpty()) {
            throw new IllegalArgumentException("\"entropies\" is missing or empty: must hold at least one number");
        }
        List<Double> logprobs = optionalNumbers(object, "logprobs", entropies.size());
        List<Double> confidences = optionalNumbers(object, "confidences", entropies.size());
        List<Token> tokens = new ArrayList<>();
        for (int i = 0; i < entropies.size(); i++) {
            try {
                tokens.add(new Token(entropies.get(i), logprobs.get(i), confidences.get(i), 0));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("token " + i + ": " + e.getMessage(), e);
            }
        }
        return new RecordedSequence(id, tokens);
    }

    private static JsonNode readObject(String line) {
        JsonNode node;
        try {
            node = READER.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        }
        if (!node.isObject()) {
            throw new IllegalArgumentException(
                    describe(node) + ": must be an object like {\"id\": \"a\", \"entropies\": [0.1, 2.3]}");
        }
        return node;
    }

    private static List<Double> optionalNumbers(JsonNode object, String field, int tokens) {
        if (object.path(field).isMissingNode() || object.path(field).isNull()) {
            return java.util.Collections.nCopies(tokens, Token.UNMEASURED);
        }
        List<Double> numbers = numbers(object, field);
        if (numbers.size() != tokens) {
            throw new IllegalArgumentException("\"" + field + "\" has " + numbers.size()
                    + " numbers: must have as many as \"entropies\", " + tokens);
        }
        return numbers;
    }

    private static List<Double> numbers(JsonNode object, String field) {
        JsonNode array = object.path(field);
        if (!array.isMissingNode() && !array.isArray()) {
            throw new IllegalArgumentException(
                    "\"" + field + "\" is " + describe(array) + ": must be an array of numbers");
        }
        List<Double> numbers = new ArrayList<>();
        for (JsonNode element : array) {
            if (!element.isNumber()) {
                throw new IllegalArgumentException(
                        "\"" + field + "\"[" + numbers.size() + "] is " + describe(element) + ": must be a number");
            }
            numbers.add(element.doubleValue());
        }
        return numbers;
    }

    private static String describe(JsonNode node) {
        return switch (node.getNodeType()) {
            case MISSING -> "missing";
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            default -> node.toString();
        };
    }
}
