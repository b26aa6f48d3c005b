package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.watch.Ended;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The proper end of a choice that a command ended: a last event that looks like the upstream's own. */
final class LastChunk {

    /** Behind the last event. */
    static final byte[] DONE = "data: [DONE]\n\n".getBytes(UTF_8);

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final List<String> SHARED = List.of("id", "object", "created", "model", "system_fingerprint");

    private final Asked asked;
    private final boolean tells;
    private @Nullable ObjectNode shared;

    /**
     * @param tells whether it says who ended the choice
     */
    LastChunk(Asked asked, boolean tells) {
        this.asked = asked;
        this.tells = tells;
    }

    /** Takes what all events of a stream have in common from its first one. */
    void learn(byte[] event) {
        if (shared != null) {
            return;
        }
        JsonNode tree = json(event);
        if (tree != null && tree.has("choices")) {
            shared = shared(tree);
        }
    }

    /** What an event, or a body, has in common with others of its answer. */
    static ObjectNode shared(JsonNode tree) {
        ObjectNode common = MAPPER.createObjectNode();
        for (String name : SHARED) {
            if (tree.has(name)) {
                common.set(name, tree.get(name));
            }
        }
        return common;
    }

    /** Whether there was an event. */
    boolean isLearned() {
        return shared != null;
    }

    /** What all events have in common; empty before the first one. */
    ObjectNode shared() {
        return shared == null ? MAPPER.createObjectNode() : shared;
    }

    /** The last event of a choice. */
    byte[] of(int choice, Ended how) {
        ObjectNode chunk = shared().deepCopy();
        ObjectNode one = chunk.putArray("choices").addObject().put("index", choice);
        if (asked.endpoint() == Endpoint.CHAT) {
            one.putObject("delta");
        } else {
            one.put("text", "");
        }
        one.putNull("logprobs");
        one.put("finish_reason", EndNotice.finish(asked));
        if (tells) {
            EndNotice.write(chunk.putObject(EndNotice.MEMBER), choice, how);
        }
        return ("data: " + chunk + "\n\n").getBytes(UTF_8);
    }

    /**
     * An event that brings text of the only choice.
     *
     * @param shared what all events of the answer have in common
     */
    static byte[] text(ObjectNode shared, Endpoint endpoint, String text) {
        ObjectNode chunk = shared.deepCopy();
        ObjectNode one = chunk.putArray("choices").addObject().put("index", 0);
        if (endpoint == Endpoint.CHAT) {
            one.putObject("delta").put("content", text);
        } else {
            one.put("text", text);
        }
        one.putNull("logprobs").putNull("finish_reason");
        return ("data: " + chunk + "\n\n").getBytes(UTF_8);
    }

    /** An event without some choices, which the client gets no more of. Others of the same event are rare. */
    static byte[] without(byte[] event, Set<Integer> hidden) {
        JsonNode tree = json(event);
        if (tree == null || !(tree.get("choices") instanceof ArrayNode choices)) {
            return event;
        }
        int before = choices.size();
        for (int i = choices.size() - 1; i >= 0; i--) {
            if (hidden.contains(choices.get(i).path("index").asInt(0))) {
                choices.remove(i);
            }
        }
        return choices.size() == before ? event : ("data: " + tree + "\n\n").getBytes(UTF_8);
    }

    /** What an event says; null if it is no JSON. */
    static @Nullable JsonNode json(byte[] event) {
        int from = 0;
        while (from < event.length && event[from] != '{') {
            from++;
        }
        try {
            return from == event.length ? null : MAPPER.readTree(event, from, event.length - from);
        } catch (IOException e) {
            return null;
        }
    }
}
