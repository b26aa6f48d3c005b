package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.request.Endpoint;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An answer in one piece, put together from the events of a stream. Used on the gateway's event loop. */
final class AnswerTree {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Texts that come in parts. All others of a message come whole. */
    private static final Set<String> IN_PARTS =
            Set.of("content", "reasoning_content", "reasoning", "refusal", "arguments", "text");

    private final Endpoint endpoint;
    private final UpstreamKind kind;
    private final ObjectNode body = MAPPER.createObjectNode();
    private final Map<Integer, ObjectNode> choices = new TreeMap<>();
    private final ArrayNode notices = MAPPER.createArrayNode();
    private final ArrayNode usage = MAPPER.createArrayNode();
    private @Nullable JsonNode error;
    private int bytes;

    /**
     * @param kind whose answer it is
     */
    AnswerTree(Endpoint endpoint, UpstreamKind kind) {
        this.endpoint = endpoint;
        this.kind = kind;
    }

    /** Takes in an event, but for some choices. */
    void take(byte[] event, Set<Integer> hidden) {
        bytes += event.length;
        if (!(LastChunk.json(event) instanceof ObjectNode chunk)) {
            return;
        }
        if (chunk.has("error")) {
            error = chunk;
            return;
        }
        JsonNode list = chunk.remove("choices");
        JsonNode notice = chunk.remove(EndNotice.MEMBER);
        if (notice instanceof ObjectNode said) {
            if (said.remove("usage") instanceof ArrayNode parts) {
                usage.removeAll().addAll(parts);
            }
            if (!said.isEmpty()) {
                notices.add(said);
            }
        }
        merge(body, chunk);
        if (list != null) {
            for (JsonNode part : list) {
                int index = part.path("index").asInt(0);
                if (part instanceof ObjectNode choice && !hidden.contains(index)) {
                    take(index, choice);
                }
            }
        }
    }

    /** What all its events have in common so far. */
    ObjectNode shared() {
        return LastChunk.shared(body);
    }

    /** Forgets all: the answer begins again. */
    void clear() {
        body.removeAll();
        choices.clear();
        bytes = 0;
    }

    /** Bytes of the events so far. */
    int bytes() {
        return bytes;
    }

    /** What its events say of an action. */
    ArrayNode notices(String action) {
        ArrayNode those = MAPPER.createArrayNode();
        for (JsonNode notice : notices) {
            if (notice.path("action").asText().equals(action)) {
                those.add(notice);
            }
        }
        return those;
    }

    /** What its events say of what was used by whom. */
    ArrayNode usage() {
        return usage;
    }

    /** The event that was an error; null if none was. */
    @Nullable
    JsonNode error() {
        return error;
    }

    /** A choice so far. */
    ObjectNode choice(int index) {
        return choices.computeIfAbsent(index, which -> MAPPER.createObjectNode().put("index", which));
    }

    /** The text of a choice so far, without reasoning that comes apart from it. */
    String text(int index) {
        return choice(index)
                .at(endpoint == Endpoint.CHAT ? "/message/content" : "/text")
                .asText("");
    }

    /** The body. */
    ObjectNode whole() {
        boolean chat = endpoint == Endpoint.CHAT;
        body.put("object", endpoint.whole());
        ArrayNode list = body.putArray("choices");
        choices.values().forEach(choice -> {
            if (chat) {
                ObjectNode message = choice.withObject("/message");
                if (!message.has("role")) {
                    message.put("role", "assistant");
                }
                if (!message.hasNonNull("content")) {
                    // Beside calls of tools others say null in one piece, as in their streams.
                    message.put("content", kind == UpstreamKind.LLAMACPP ? "" : null);
                }
            }
            list.add(choice);
        });
        return body;
    }

    private void take(int index, ObjectNode part) {
        ObjectNode choice = choice(index);
        JsonNode delta = part.remove("delta");
        merge(choice, part);
        if (delta instanceof ObjectNode message) {
            merge(choice.withObject("/message"), message);
        }
    }

    /** A later value replaces an earlier one, but texts in parts grow, and nothing is replaced by nothing. */
    private static void merge(ObjectNode into, ObjectNode part) {
        for (Map.Entry<String, JsonNode> member : part.properties()) {
            String name = member.getKey();
            JsonNode value = member.getValue();
            JsonNode before = into.get(name);
            if (name.equals("tool_calls") && value instanceof ArrayNode calls) {
                mergeCalls(into.withArray("/tool_calls"), calls);
            } else if (value instanceof ObjectNode deeper && before instanceof ObjectNode old) {
                merge(old, deeper);
            } else if (IN_PARTS.contains(name) && value.isTextual() && before != null && before.isTextual()) {
                into.put(name, before.textValue() + value.textValue());
            } else if (!value.isNull() || before == null) {
                into.set(name, value);
            }
        }
    }

    /** Parts of calls say which call they are of; in one piece the place says it. */
    private static void mergeCalls(ArrayNode into, ArrayNode parts) {
        for (JsonNode part : parts) {
            if (part instanceof ObjectNode call) {
                JsonNode index = call.remove("index");
                int place = index == null ? into.size() : index.asInt(0);
                if (place >= 0 && place < into.size() && into.get(place) instanceof ObjectNode begun) {
                    merge(begun, call);
                } else {
                    into.add(call);
                }
            }
        }
    }
}
