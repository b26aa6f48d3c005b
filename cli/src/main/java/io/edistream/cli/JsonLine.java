package io.edistream.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** Input as JSON lines: one object per line, each with an id. */
public final class JsonLine {

    private static final ObjectReader READER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(JsonNode.class);

    private JsonLine() {}

    /** Takes a line. */
    @FunctionalInterface
    public interface Handler {

        /**
         * Takes it.
         *
         * @throws IllegalArgumentException if the line is bad; the message says what is wrong
         * @throws IOException if the work cannot go on
         */
        void handle(String line) throws IOException;
    }

    /**
     * Gives every line that is not blank to the handler. A bad one is named on {@code err} with its number and reason,
     * and the others go on.
     *
     * @return whether all were good
     */
    public static boolean forEach(BufferedReader lines, PrintWriter err, Handler handler) throws IOException {
        boolean good = true;
        int number = 0;
        for (@Nullable String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            try {
                handler.handle(line);
            } catch (IllegalArgumentException e) {
                err.println("line " + number + ": " + e.getMessage());
                good = false;
            }
        }
        return good;
    }

    /**
     * Reads the object of a line.
     *
     * @param example of what the line should be, for the message
     * @throws IllegalArgumentException if there is none
     */
    public static JsonNode object(String line, String example) {
        JsonNode node;
        try {
            node = READER.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        }
        if (!node.isObject()) {
            throw new IllegalArgumentException(describe(node) + ": must be an object like " + example);
        }
        return node;
    }

    /**
     * The id of an object, a string or a number.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static JsonNode id(JsonNode object) {
        JsonNode id = object.path("id");
        if (!id.isTextual() && !id.isNumber()) {
            throw new IllegalArgumentException("\"id\" is " + describe(id) + ": must be a string or a number");
        }
        return id;
    }

    /** A value as it is named in messages. */
    public static String describe(JsonNode node) {
        return switch (node.getNodeType()) {
            case MISSING -> "missing";
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            default -> node.toString();
        };
    }
}
