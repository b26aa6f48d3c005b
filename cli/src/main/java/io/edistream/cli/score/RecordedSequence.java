package io.edistream.cli.score;

import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.cli.JsonLine;
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

    private static final String EXAMPLE = "{\"id\": \"a\", \"entropies\": [0.1, 2.3]}";

    private static final List<String> FIELDS = List.of("id", "entropies", "logprobs", "confidences");

    /**
     * Reads a line.
     *
     * @throws IllegalArgumentException if it is not such an object; the message says what is wrong
     */
    static RecordedSequence parse(String line) {
        JsonNode object = JsonLine.object(line, EXAMPLE);
        JsonLine.requireFields(object, FIELDS);
        JsonNode id = JsonLine.id(object);
        List<Double> entropies = numbers(object, "entropies");
        if (entropies.isEmpty()) {
            throw new IllegalArgumentException("\"entropies\" is missing or empty: must hold at least one number");
        }
        List<Double> logprobs = optionalNumbers(object, "logprobs", entropies.size());
        List<Double> confidences = optionalNumbers(object, "confidences", entropies.size());
        List<Token> tokens = new ArrayList<>();
        for (int i = 0; i < entropies.size(); i++) {
            try {
                tokens.add(new Token(entropies.get(i), Token.UNMEASURED, logprobs.get(i), confidences.get(i), 0));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("token " + i + ": " + e.getMessage(), e);
            }
        }
        return new RecordedSequence(id, tokens);
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
                    "\"" + field + "\" is " + JsonLine.describe(array) + ": must be an array of numbers");
        }
        List<Double> numbers = new ArrayList<>();
        for (JsonNode element : array) {
            if (!element.isNumber()) {
                throw new IllegalArgumentException("\"" + field + "\"[" + numbers.size() + "] is "
                        + JsonLine.describe(element) + ": must be a number");
            }
            numbers.add(element.doubleValue());
        }
        return numbers;
    }
}
