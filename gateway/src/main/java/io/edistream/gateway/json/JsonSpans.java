package io.edistream.gateway.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The members of one JSON object and where they stand in its bytes.
 *
 * @param from offset of the opening brace
 * @param to offset behind the closing brace
 * @param members in their order, those with one name all of them
 */
public record JsonSpans(int from, int to, List<Member> members) {

    private static final JsonFactory FACTORY = new JsonFactory();

    /** Copies the list. */
    public JsonSpans {
        members = List.copyOf(members);
    }

    /**
     * One member.
     *
     * @param name its name
     * @param from offset of its name's quotation mark
     * @param valueFrom offset of its value
     * @param to offset behind its value
     * @param type what its value begins with
     */
    public record Member(String name, int from, int valueFrom, int to, JsonToken type) {}

    /**
     * Reads the object that fills the bytes.
     *
     * @throws IOException if they are not one JSON object in UTF-8, or one that is nested more than a thousand deep; the
     *     message says where, and nothing of the content
     */
    public static JsonSpans of(byte[] json) throws IOException {
        return of(json, 0, json.length);
    }

    /**
     * Reads the object that fills a part of the bytes.
     *
     * @throws IOException as {@link #of(byte[])}
     */
    public static JsonSpans of(byte[] json, int from, int to) throws IOException {
        try (JsonParser parser = FACTORY.createParser(json, from, to - from)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not a JSON object");
            }
            int open = from + (int) parser.currentTokenLocation().getByteOffset();
            List<Member> members = new ArrayList<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                int start = from + (int) parser.currentTokenLocation().getByteOffset();
                JsonToken type = parser.nextToken();
                int value = from + (int) parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                parser.finishToken();
                members.add(new Member(
                        name,
                        start,
                        value,
                        from + (int) parser.currentLocation().getByteOffset(),
                        type));
            }
            int close = from + (int) parser.currentLocation().getByteOffset();
            if (parser.nextToken() != null) {
                throw new IOException("more than one JSON value");
            }
            return new JsonSpans(open, close, members);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            // Its own message would quote what people wrote.
            throw new IOException(
                    "not JSON, at byte "
                            + (e.getLocation() == null
                                    ? 0
                                    : Math.max(0, e.getLocation().getByteOffset())),
                    null);
        }
    }

    /** The member with a name; the last one if there are several, as parsers have it. */
    public Optional<Member> member(String name) {
        Optional<Member> found = Optional.empty();
        for (Member member : members) {
            if (member.name().equals(name)) {
                found = Optional.of(member);
            }
        }
        return found;
    }
}
