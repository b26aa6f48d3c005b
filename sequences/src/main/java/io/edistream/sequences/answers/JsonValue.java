package io.edistream.sequences.answers;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Optional;

/**
 * A value of a text that is JSON, by its pointer (RFC 6901): a text, a number, true or false. The whole text must be one JSON value; a
 * fence of three backticks around it, as models put it there, is none of it.
 *
 * @param pointer where the value is
 */
record JsonValue(JsonPointer pointer) implements Extraction {

    /** Characters of a text that is read: in one that is longer nothing is found, since the end of JSON is no JSON. */
    static final int MAX_CHARACTERS = 65_536;

    private static final String FENCE = "```";

    /** A number's digits stay as they are written, as those of other numbers do. */
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /**
     * Reads a pointer.
     *
     * @throws IllegalArgumentException if it is none, or too long
     */
    static JsonValue of(String text) {
        if (text.length() > MAX_PATTERN_CHARACTERS) {
            throw new IllegalArgumentException("the pointer of an extraction must have at most "
                    + MAX_PATTERN_CHARACTERS + " characters, not " + text.length());
        }
        try {
            return new JsonValue(JsonPointer.compile(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the pointer of an extraction must be empty or begin with /, such as /answer or /steps/0/value", e);
        }
    }

    @Override
    public Optional<String> answer(String text) {
        if (text.length() > MAX_CHARACTERS) {
            return Optional.empty();
        }
        try {
            JsonNode value = MAPPER.readTree(unfenced(text.strip())).at(pointer);
            return value.isValueNode() && !value.isNull()
                    ? BoundedSearch.answer(Numbers.normalized(value.asText().strip()))
                    : Optional.empty();
        } catch (JsonProcessingException | NumberFormatException e) {
            // The latter for an exponent that no number has.
            return Optional.empty();
        }
    }

    /** What is expected is the value itself. */
    @Override
    public String expected(String answer) {
        return Numbers.normalized(answer.strip());
    }

    private static String unfenced(String text) {
        int line = text.indexOf('\n');
        return text.startsWith(FENCE) && text.endsWith(FENCE) && line > 0 && line < text.length() - FENCE.length()
                ? text.substring(line, text.length() - FENCE.length())
                : text;
    }
}
