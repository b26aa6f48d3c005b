package io.edistream.cli.score;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.edistream.cli.JsonLine;
import io.edistream.cli.Utf8;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads lines like {@code {"id": "a", "entropies": [0.1, 2.3]}}, optionally with {@code uppers}, {@code logprobs} and
 * {@code confidences} of the same length and with {@code correct}. Other fields are passed over, or kept.
 *
 * <p>One line after the other goes into the same columns. No tree is built, and what is kept is copied as it was written.
 */
final class LineParser {

    private static final String EXAMPLE = "{\"id\": \"a\", \"entropies\": [0.1, 2.3]}";
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    private static final int LOOKED_AT_BY_JACKSON = 4;
    private static final int MAX_QUOTED_CHARACTERS = 40;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            // Python writes NaN.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private final boolean keep;
    private final RecordedSequence sequence = new RecordedSequence();
    private byte[] bytes = {};
    private int from;

    /**
     * @param keep whether fields that are not known are kept
     */
    LineParser(boolean keep) {
        this.keep = keep;
    }

    /**
     * Reads a line.
     *
     * @return what it says, until the next line is read; empty if the line is blank
     * @throws IllegalArgumentException if it cannot be used; the message says what is wrong with it
     */
    Optional<RecordedSequence> parse(byte[] line, int lineFrom, int lineTo) {
        bytes = line;
        from = startsWithMark(lineFrom, lineTo) ? lineFrom + BYTE_ORDER_MARK.length : lineFrom;
        if (isBlank(from, lineTo)) {
            return Optional.empty();
        }
        requireUtf8(lineFrom, lineTo);
        sequence.clear();
        try (JsonParser parser = FACTORY.createParser(bytes, from, lineTo - from)) {
            readObject(parser);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + JsonLine.reason(e), e);
        } catch (IOException e) {
            throw new UncheckedIOException("bytes in memory cannot fail", e);
        }
        sequence.requireWhole();
        return Optional.of(sequence);
    }

    private boolean startsWithMark(int lineFrom, int lineTo) {
        return lineTo - lineFrom >= BYTE_ORDER_MARK.length
                && bytes[lineFrom] == BYTE_ORDER_MARK[0]
                && bytes[lineFrom + 1] == BYTE_ORDER_MARK[1]
                && bytes[lineFrom + 2] == BYTE_ORDER_MARK[2];
    }

    private boolean isBlank(int start, int end) {
        for (int i = start; i < end; i++) {
            if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
                return false;
            }
        }
        return true;
    }

    private void requireUtf8(int lineFrom, int lineTo) {
        Utf8.require(bytes, lineFrom, lineTo);
        // The parser would take a 0 here for UTF-16, in which all that follows means something else.
        for (int i = from; i < Math.min(lineTo, from + LOOKED_AT_BY_JACKSON); i++) {
            if (bytes[i] == 0) {
                throw new IllegalArgumentException("not JSON: byte 0x00 (at column " + (i - lineFrom + 1) + ")");
            }
        }
    }

    private void readObject(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException(describe(parser) + ": must be an object like " + EXAMPLE);
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            readField(parser);
        }
        if (parser.nextToken() != null) {
            throw new IllegalArgumentException("not JSON: something stands behind the object (at column "
                    + parser.currentTokenLocation().getColumnNr() + ")");
        }
    }

    private void readField(JsonParser parser) throws IOException {
        int start = offset(parser.currentTokenLocation().getByteOffset());
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
            case "id" -> readId(parser);
            case "entropies" -> readNumbers(parser, name, sequence.entropies());
            case "uppers" -> readOptionalNumbers(parser, name, sequence.uppers());
            case "logprobs" -> readOptionalNumbers(parser, name, sequence.logprobs());
            case "confidences" -> readOptionalNumbers(parser, name, sequence.confidences());
            case "correct" -> {
                readLabel(parser);
                keepField(parser, name, start);
            }
            default -> {
                parser.skipChildren();
                keepField(parser, name, start);
            }
        }
    }

    private int offset(long inLine) {
        return from + (int) inLine;
    }

    private void readId(JsonParser parser) throws IOException {
        boolean text = parser.currentToken() == JsonToken.VALUE_STRING;
        if (!text && !isNumber(parser)) {
            throw new IllegalArgumentException("\"id\" is " + describe(parser) + ": must be a string or a number");
        }
        int start = offset(parser.currentTokenLocation().getByteOffset());
        // The text comes first: by that the parser reads to the end of it.
        String value = parser.getText();
        sequence.identify(written(start, offset(parser.currentLocation().getByteOffset())), value);
    }

    private String written(int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }

    private static boolean isNumber(JsonParser parser) throws IOException {
        return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                || (parser.currentToken() == JsonToken.VALUE_NUMBER_FLOAT && !parser.isNaN());
    }

    private void readLabel(JsonParser parser) throws IOException {
        switch (parser.currentToken()) {
            case VALUE_TRUE, VALUE_FALSE -> sequence.label(parser.getBooleanValue());
            case VALUE_NULL -> {}
            default ->
                throw new IllegalArgumentException("\"correct\" is " + describe(parser) + ": must be true or false");
        }
    }

    private void keepField(JsonParser parser, String name, int start) throws IOException {
        if (!keep) {
            return;
        }
        if (JsonOutput.FIELDS.contains(name)) {
            throw new IllegalArgumentException(
                    "field \"" + name + "\" cannot be kept: must have another name than those" + " that are written, "
                            + String.join(", ", JsonOutput.FIELDS));
        }
        // A string that nobody has asked for may not have been read to its end.
        parser.finishToken();
        sequence.keep(written(start, offset(parser.currentLocation().getByteOffset())));
    }

    private static void readOptionalNumbers(JsonParser parser, String name, Numbers numbers) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_NULL) {
            readNumbers(parser, name, numbers);
        }
    }

    private static void readNumbers(JsonParser parser, String name, Numbers numbers) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" is " + describe(parser) + ": must be an array of numbers");
        }
        numbers.begin();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT) {
                numbers.add(parser.getDoubleValue());
            } else if (token == JsonToken.VALUE_NULL) {
                numbers.add(Double.NaN);
            } else {
                throw new IllegalArgumentException("\"" + name + "\"[" + numbers.size() + "] is " + describe(parser)
                        + ": must be a number or null");
            }
        }
    }

    /** The value at the parser as it is named in messages. */
    private static String describe(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_ARRAY -> "an array";
            case START_OBJECT -> "an object";
            // Escaped, since a terminal may be what shows it.
            case VALUE_STRING ->
                '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(cut(parser))) + '"';
            default -> cut(parser);
        };
    }

    private static String cut(JsonParser parser) throws IOException {
        String text = parser.getText();
        return text.length() <= MAX_QUOTED_CHARACTERS ? text : text.substring(0, MAX_QUOTED_CHARACTERS) + "...";
    }
}
