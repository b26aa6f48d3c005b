package io.edistream.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/** Input as JSON lines: one object per line, each with an id. */
public final class JsonLine {

    private static final ObjectReader READER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // Python writes NaN; what is wrong about it is better said where its meaning is known.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build()
            .readerFor(JsonNode.class);

    /** Some editors put it in front of a file. */
    private static final String BYTE_ORDER_MARK = "\ufeff";

    /** 16 MiB: a prompt of that many characters fits no model. */
    static final int MAX_LINE_BYTES = 1 << 24;

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
     * Gives every line that is not blank to the handler, of UTF-8 that gzip may have packed. A bad one is named on
     * {@code err} with its number and reason, and the others go on; so is an input that cannot be read to its end.
     *
     * @return whether all were good
     * @throws IOException if the handler's work cannot go on
     */
    public static boolean forEach(InputStream in, PrintWriter err, Handler handler) throws IOException {
        ByteLines lines;
        try {
            lines = new ByteLines(InputText.of(in), MAX_LINE_BYTES);
        } catch (IOException e) {
            err.println("the input " + e.getMessage());
            return false;
        }
        boolean good = true;
        while (true) {
            try {
                if (!lines.next()) {
                    return good;
                }
            } catch (IOException e) {
                err.println("the input cannot be read behind line " + lines.number() + ": " + e.getMessage());
                return false;
            }
            try {
                handle(lines, handler);
            } catch (IllegalArgumentException e) {
                err.println("line " + lines.number() + ": " + e.getMessage());
                good = false;
            }
        }
    }

    private static void handle(ByteLines lines, Handler handler) throws IOException {
        if (lines.tooLong()) {
            throw new IllegalArgumentException("too long: must have at most " + MAX_LINE_BYTES + " bytes");
        }
        Utf8.require(lines.bytes(), lines.from(), lines.to());
        String line =
                new String(lines.bytes(), lines.from(), lines.to() - lines.from(), StandardCharsets.UTF_8).strip();
        if (lines.number() == 1 && line.startsWith(BYTE_ORDER_MARK)) {
            line = line.substring(1);
        }
        if (!line.isBlank()) {
            handler.handle(line);
        }
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
            throw new IllegalArgumentException("not JSON: " + reason(e), e);
        }
        if (!node.isObject()) {
            throw new IllegalArgumentException(describe(node) + ": must be an object like " + example);
        }
        return node;
    }

    /**
     * Why something is no JSON, and where: without the names of classes and options of the parser, which are nobody's
     * business here.
     */
    public static String reason(JsonProcessingException failure) {
        String where = failure.getLocation() == null
                ? ""
                : " (at column " + failure.getLocation().getColumnNr() + ")";
        if (failure instanceof MismatchedInputException) {
            return "something stands behind the object" + where;
        }
        if (failure instanceof StreamConstraintsException) {
            // It names the bound in brackets, and behind a comma the class that knows it.
            return failure.getOriginalMessage().split(", from", 2)[0] + ")" + where;
        }
        return failure.getOriginalMessage().split("[:(] ?|\\n", 2)[0].strip() + where;
    }

    /**
     * Says which fields of an object are none of the allowed ones: one that is spelt wrongly would otherwise count for
     * nothing.
     *
     * @throws IllegalArgumentException if there is any
     */
    public static void requireFields(JsonNode object, Collection<String> allowed) {
        Set<String> unknown = new TreeSet<>();
        object.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(Set.copyOf(allowed));
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "unknown field " + String.join(", ", unknown) + ": must be of " + String.join(", ", allowed));
        }
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
