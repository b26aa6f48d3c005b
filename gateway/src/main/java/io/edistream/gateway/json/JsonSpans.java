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
            JsonSpans object = read(parser, from, name -> parser.skipChildren());
            if (parser.nextToken() != null) {
                throw new IOException("more than one JSON value");
            }
            return object;
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

    /**
     * Reads the object that a parser stands at.
     *
     * @param from offset of the parser's first byte
     * @param reader reads each value
     */
    public static JsonSpans read(JsonParser parser, int from, MemberReader reader) throws IOException {
        int open = from + (int) parser.currentTokenLocation().getByteOffset();
        List<Member> members = new ArrayList<>(8);
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            int start = from + (int) parser.currentTokenLocation().getByteOffset();
            JsonToken type = parser.nextToken();
            int value = from + (int) parser.currentTokenLocation().getByteOffset();
            reader.read(name);
            parser.finishToken();
            members.add(new Member(name, start, value, position(parser, from), type));
        }
        return new JsonSpans(open, position(parser, from), members);
    }

    private static int position(JsonParser parser, int from) {
        return from + (int) parser.currentLocation().getByteOffset();
    }

    /** Reads one value: the parser stands at its first token, and afterwards at its last. */
    @FunctionalInterface
    public interface MemberReader {

        /** Reads the value of the member with this name. */
        void read(String name) throws IOException;
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
