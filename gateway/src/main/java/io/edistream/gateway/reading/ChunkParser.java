package io.edistream.gateway.reading;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.edistream.gateway.json.JsonSpans;
import java.io.IOException;
import java.util.Arrays;

/**
 * Reads the JSON of one event in one pass: what it says, and where its members stand. A value of a type that nobody expects
 * says nothing. Used by one thread.
 */
final class ChunkParser {

    private static final int MAX_MESSAGE = 1000;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            // Python writes -Infinity and NaN.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .build();

    private final LogprobLists lists = new LogprobLists();
    private final LogprobParser logprobs = new LogprobParser(lists);
    private int offset;

    /** The lists of the event that was read last. */
    LogprobLists lists() {
        return lists;
    }

    /** @throws IOException if it is not one JSON object in UTF-8 */
    Chunk parse(byte[] bytes, int from, int to) throws IOException {
        for (int i = from; i < Math.min(to, from + 4); i++) {
            if (bytes[i] == 0) {
                throw new IOException("not UTF-8");
            }
        }
        lists.clear();
        offset = from;
        Chunk chunk = new Chunk();
        try (JsonParser parser = FACTORY.createParser(bytes, from, to - from)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not a JSON object");
            }
            chunk.members = JsonSpans.read(parser, from, name -> member(parser, name, chunk));
            if (parser.nextToken() != null) {
                throw new IOException("more than one JSON value");
            }
        }
        return chunk;
    }

    private void member(JsonParser parser, String name, Chunk chunk) throws IOException {
        switch (name) {
            case "id" -> chunk.id = text(parser, chunk.id);
            case "choices" -> choices(parser, chunk);
            case "usage" -> chunk.usage = usage(parser);
            case "timings" -> {
                int[] counts = {-1, -1, -1};
                members(parser, field -> {
                    switch (field) {
                        case "predicted_n" -> counts[0] = count(parser);
                        case "cache_n" -> counts[1] = count(parser);
                        case "prompt_n" -> counts[2] = count(parser);
                        default -> parser.skipChildren();
                    }
                });
                chunk.predicted = counts[0];
                // What was in the cache is a part of the prompt that was not read again.
                chunk.promptTokens = counts[2] < 0 ? -1 : Math.max(0, counts[1]) + counts[2];
                chunk.cachedTokens = counts[1];
            }
            case "error" -> chunk.error = error(parser);
            case "prompt_token_ids" -> chunk.promptIds = ids(parser);
            default -> parser.skipChildren();
        }
    }

    private void choices(JsonParser parser, Chunk chunk) throws IOException {
        // Of equal names the last one counts, as parsers have it.
        chunk.choices.clear();
        if (!parser.isExpectedStartArrayToken()) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (!parser.isExpectedStartObjectToken()) {
                parser.skipChildren();
                continue;
            }
            Chunk.Choice choice = new Chunk.Choice();
            choice.firstEntry = lists.drawn().size();
            choice.members = JsonSpans.read(parser, offset, name -> choiceMember(parser, name, choice, chunk));
            choice.entries = lists.drawn().size() - choice.firstEntry;
            chunk.choices.add(choice);
        }
    }

    private void choiceMember(JsonParser parser, String name, Chunk.Choice choice, Chunk chunk) throws IOException {
        switch (name) {
            case "index" -> choice.index = count(parser);
            case "delta", "message" -> {
                if (parser.isExpectedStartObjectToken()) {
                    choice.delta = JsonSpans.read(parser, offset, field -> deltaMember(parser, field, choice));
                } else {
                    parser.skipChildren();
                }
            }
            case "text" -> choice.text = text(parser, choice.text);
            case "finish_reason" -> {
                String finish = shortened(text(parser, ""));
                // Some engines write an empty one until there is one.
                choice.finish = finish.isEmpty() ? null : finish;
            }
            case "token_ids" -> choice.ids = ids(parser);
            // Of completions each choice has them.
            case "prompt_token_ids" -> chunk.promptIds = ids(parser);
            case "logprobs" -> {
                lists.cut(choice.firstEntry);
                logprobs.read(parser);
            }
            default -> parser.skipChildren();
        }
    }

    private void deltaMember(JsonParser parser, String name, Chunk.Choice choice) throws IOException {
        switch (name) {
            case "content", "refusal" -> choice.text = text(parser, choice.text);
            case "reasoning", "reasoning_content" -> choice.reasoning = text(parser, choice.reasoning);
            case "tool_calls", "function_call" -> {
                boolean some = parser.currentToken().isStructStart()
                        && !parser.nextToken().isStructEnd();
                if (some) {
                    choice.callsTool = true;
                    finishStruct(parser);
                }
            }
            case "role" -> {
                choice.hasRole = parser.currentToken() == JsonToken.VALUE_STRING;
                parser.skipChildren();
            }
            default -> parser.skipChildren();
        }
    }

    /** Goes to the end of the array or object whose first element or name the parser stands at. */
    private static void finishStruct(JsonParser parser) throws IOException {
        do {
            parser.skipChildren();
        } while (!parser.nextToken().isStructEnd());
    }

    private static String text(JsonParser parser, String otherwise) throws IOException {
        return parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : skipped(parser, otherwise);
    }

    private static <T> T skipped(JsonParser parser, T otherwise) throws IOException {
        parser.skipChildren();
        return otherwise;
    }

    private static int[] ids(JsonParser parser) throws IOException {
        if (!parser.isExpectedStartArrayToken()) {
            return skipped(parser, null);
        }
        int[] ids = new int[4];
        int size = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (size == ids.length) {
                ids = Arrays.copyOf(ids, 2 * size);
            }
            ids[size++] = count(parser);
        }
        return Arrays.copyOf(ids, size);
    }

    private static Usage usage(JsonParser parser) throws IOException {
        if (!parser.isExpectedStartObjectToken()) {
            return skipped(parser, null);
        }
        int[] counts = {-1, -1, -1};
        members(parser, name -> {
            switch (name) {
                case "prompt_tokens" -> counts[0] = count(parser);
                case "completion_tokens" -> counts[1] = count(parser);
                case "prompt_tokens_details" ->
                    members(parser, detail -> {
                        if (detail.equals("cached_tokens")) {
                            counts[2] = count(parser);
                        }
                    });
                default -> parser.skipChildren();
            }
        });
        return new Usage(counts[0], counts[1], counts[2]);
    }

    private static UpstreamError error(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            return new UpstreamError(0, "", shortened(parser.getText()));
        }
        if (!parser.isExpectedStartObjectToken()) {
            return skipped(parser, null);
        }
        int[] code = {0};
        String[] texts = {"", ""};
        members(parser, name -> {
            switch (name) {
                case "code", "http_status_code" -> code[0] = status(parser, code[0]);
                case "type" -> texts[0] = shortened(text(parser, texts[0]));
                case "message" -> texts[1] = shortened(text(parser, texts[1]));
                default -> parser.skipChildren();
            }
        });
        return new UpstreamError(code[0], texts[0], texts[1]);
    }

    private static int status(JsonParser parser, int otherwise) throws IOException {
        int status = count(parser);
        return status >= 400 && status <= 599 ? status : otherwise;
    }

    private static String shortened(String text) {
        return text.length() > MAX_MESSAGE ? text.substring(0, MAX_MESSAGE) : text;
    }

    /** A whole number from 0 to the largest int; -1 for anything else. */
    static int count(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            return skipped(parser, -1);
        }
        double value = parser.getDoubleValue();
        return value >= 0 && value <= Integer.MAX_VALUE ? (int) value : -1;
    }

    /** Reads the object that the parser stands at, if it is one. */
    private static void members(JsonParser parser, JsonSpans.MemberReader reader) throws IOException {
        if (!parser.isExpectedStartObjectToken()) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            reader.read(name);
            parser.skipChildren();
        }
    }
}
