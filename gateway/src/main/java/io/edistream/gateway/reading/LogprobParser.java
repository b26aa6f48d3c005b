package io.edistream.gateway.reading;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.edistream.gateway.reading.LogprobLists.Tokens;
import java.io.IOException;

/** Reads the lists of a choice, in the form of chats ({@code content}) or that of OpenAI's legacy completions. */
final class LogprobParser {

    /** What vLLM writes instead of a text if it is asked for ids. */
    private static final String ID = "token_id:";

    private final LogprobLists lists;

    LogprobParser(LogprobLists lists) {
        this.lists = lists;
    }

    /** Reads the value that the parser stands at, and leaves it at its end. */
    void read(JsonParser parser) throws IOException {
        if (!parser.isExpectedStartObjectToken()) {
            parser.skipChildren();
            return;
        }
        int first = lists.drawn().size();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken type = parser.nextToken();
            if (type != JsonToken.START_ARRAY) {
                parser.skipChildren();
                continue;
            }
            switch (name) {
                case "content", "refusal" -> contents(parser);
                case "tokens" -> texts(parser, first);
                case "token_logprobs" -> logprobs(parser, first);
                case "top_logprobs" -> maps(parser, first);
                default -> parser.skipChildren();
            }
        }
    }

    private void contents(JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.isExpectedStartObjectToken()) {
                token(parser, lists.drawn(), lists.add(), true);
            } else {
                parser.skipChildren();
            }
        }
    }

    private void token(JsonParser parser, Tokens tokens, int token, boolean drawn) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken type = parser.nextToken();
            switch (name) {
                case "token" -> {
                    if (type == JsonToken.VALUE_STRING) {
                        text(parser, tokens, token);
                    }
                }
                case "id", "token_id" -> tokens.id(token, ChunkParser.count(parser));
                case "logprob" -> tokens.logprob(token, number(parser));
                case "bytes" -> {
                    if (type == JsonToken.START_ARRAY && tokens.id(token) < 0) {
                        tokens.bytes(token, bytes(parser));
                    }
                }
                case "top_logprobs" -> {
                    if (drawn && type == JsonToken.START_ARRAY) {
                        list(parser, token);
                    }
                }
                default -> {}
            }
            parser.skipChildren();
        }
    }

    private void list(JsonParser parser, int entry) throws IOException {
        Tokens listed = lists.listed();
        int first = listed.size();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.isExpectedStartObjectToken()) {
                token(parser, listed, listed.add(), false);
            } else {
                parser.skipChildren();
            }
        }
        lists.list(entry, first, listed.size());
    }

    private static long bytes(JsonParser parser) throws IOException {
        long hash = 1;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            hash = Tokens.mix(hash, ChunkParser.count(parser));
        }
        return hash;
    }

    private static void text(JsonParser parser, Tokens tokens, int token) throws IOException {
        text(tokens, token, parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
    }

    private static void text(Tokens tokens, int token, char[] characters, int offset, int length) {
        tokens.text(token, characters, offset, length);
        int digits = length - ID.length();
        if (digits < 1 || digits > 9) {
            return;
        }
        int id = 0;
        for (int i = 0; i < length; i++) {
            char c = characters[offset + i];
            if (i < ID.length() ? c != ID.charAt(i) : c < '0' || c > '9') {
                return;
            }
            id = i < ID.length() ? 0 : 10 * id + (c - '0');
        }
        tokens.id(token, id);
    }

    private static double number(JsonParser parser) throws IOException {
        return parser.currentToken().isNumeric() ? parser.getDoubleValue() : Double.NaN;
    }

    /** The legacy form has columns, in any order; what is missing in one of them is not known. */
    private int entry(int first, int place) {
        return first + place < lists.drawn().size() ? first + place : lists.add();
    }

    private void texts(JsonParser parser, int first) throws IOException {
        for (int place = 0; parser.nextToken() != JsonToken.END_ARRAY; place++) {
            int entry = entry(first, place);
            if (parser.currentToken() == JsonToken.VALUE_STRING) {
                text(parser, lists.drawn(), entry);
            }
            parser.skipChildren();
        }
    }

    private void logprobs(JsonParser parser, int first) throws IOException {
        for (int place = 0; parser.nextToken() != JsonToken.END_ARRAY; place++) {
            lists.drawn().logprob(entry(first, place), number(parser));
            parser.skipChildren();
        }
    }

    private void maps(JsonParser parser, int first) throws IOException {
        Tokens listed = lists.listed();
        for (int place = 0; parser.nextToken() != JsonToken.END_ARRAY; place++) {
            int entry = entry(first, place);
            if (!parser.isExpectedStartObjectToken()) {
                parser.skipChildren();
                continue;
            }
            int from = listed.size();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                int token = listed.add();
                String name = parser.currentName();
                text(listed, token, name.toCharArray(), 0, name.length());
                parser.nextToken();
                listed.logprob(token, number(parser));
                parser.skipChildren();
            }
            lists.list(entry, from, listed.size());
        }
    }
}
