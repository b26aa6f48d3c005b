package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.reading.UpstreamError;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.watch.Ended;
import io.vertx.core.http.HttpClientResponse;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An answer in one piece for a client that asked for one, put together from a stream, so that it can be ended while it runs. */
final class CollectedBody implements Delivery {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Texts that come in parts. All others of a message come whole. */
    private static final Set<String> IN_PARTS =
            Set.of("content", "reasoning_content", "reasoning", "refusal", "arguments", "text");

    private final Exchange exchange;
    private final Asked asked;
    private final Upstream upstream;
    private final int limit;
    private final boolean tells;
    private final ObjectNode body = MAPPER.createObjectNode();
    private final Map<Integer, ObjectNode> choices = new TreeMap<>();
    private final ArrayNode ends = MAPPER.createArrayNode();
    private final ArrayNode reroutes = MAPPER.createArrayNode();
    private @Nullable HttpClientResponse from;
    private @Nullable JsonNode error;
    private int errorStatus;
    private int bytes;

    /**
     * @param upstream whose answer it is
     * @param limit bytes of events that it may be made of
     * @param tells whether it says who ended a choice
     */
    CollectedBody(Exchange exchange, Asked asked, Upstream upstream, int limit, boolean tells) {
        this.exchange = exchange;
        this.asked = asked;
        this.upstream = upstream;
        this.limit = limit;
        this.tells = tells;
    }

    @Override
    public void begin(HttpClientResponse head) {
        from = head;
    }

    @Override
    public void event(byte[] event, Set<Integer> hidden) {
        bytes += event.length;
        if (bytes > limit) {
            exchange.refuse(ApiError.unreachable("the answer of upstream " + upstream.name() + " has more than the "
                    + limit + " bytes that are allowed"));
            return;
        }
        if (!(LastChunk.json(event) instanceof ObjectNode chunk)) {
            return;
        }
        if (chunk.has("error")) {
            error = chunk;
            return;
        }
        JsonNode parts = chunk.remove("choices");
        JsonNode notice = chunk.remove(EndNotice.MEMBER);
        if (notice != null) {
            reroutes.add(notice);
        }
        merge(body, chunk);
        if (parts != null) {
            for (JsonNode part : parts) {
                int index = part.path("index").asInt(0);
                if (part instanceof ObjectNode choice && !hidden.contains(index)) {
                    take(index, choice);
                }
            }
        }
    }

    private void take(int index, ObjectNode part) {
        ObjectNode choice = choice(index);
        JsonNode delta = part.remove("delta");
        merge(choice, part);
        if (delta instanceof ObjectNode message) {
            merge(choice.withObject("/message"), message);
        }
    }

    private ObjectNode choice(int index) {
        return choices.computeIfAbsent(index, which -> MAPPER.createObjectNode().put("index", which));
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

    @Override
    public ObjectNode shared() {
        return LastChunk.shared(body);
    }

    @Override
    public void beginsAnew() {
        body.removeAll();
        choices.clear();
        bytes = 0;
    }

    @Override
    public void failed(UpstreamError why) {
        errorStatus = why.code() >= 400 && why.code() < 600 ? why.code() : 502;
    }

    @Override
    public void ended(int choice, Ended how, boolean last) {
        choice(choice).put("finish_reason", EndNotice.finish(asked));
        if (tells) {
            EndNotice.write(ends.addObject(), choice, how);
        }
    }

    @Override
    public void flush() {
        // All of it goes at once.
    }

    @Override
    public void complete() {
        JsonNode failure = error;
        HttpClientResponse head = from;
        if (failure != null) {
            exchange.answer(errorStatus, failure.toString().getBytes(UTF_8));
        } else if (head != null) {
            exchange.answer(200, whole().toString().getBytes(UTF_8));
        }
    }

    private ObjectNode whole() {
        boolean chat = asked.endpoint() == Endpoint.CHAT;
        body.put("object", chat ? "chat.completion" : "text_completion");
        ArrayNode list = body.putArray("choices");
        choices.values().forEach(choice -> {
            if (chat) {
                ObjectNode message = choice.withObject("/message");
                if (!message.has("role")) {
                    message.put("role", "assistant");
                }
                if (!message.hasNonNull("content")) {
                    // Beside calls of tools others say null in one piece, as in their streams.
                    message.put("content", upstream.kind() == UpstreamKind.LLAMACPP ? "" : null);
                }
            }
            list.add(choice);
        });
        put("ended", ends);
        put("rerouted", reroutes);
        return body;
    }

    private void put(String name, ArrayNode notices) {
        if (!notices.isEmpty()) {
            body.withObject('/' + EndNotice.MEMBER).set(name, notices);
        }
    }

    @Override
    public void brokenOff() {
        exchange.refuse(ApiError.unreachable("upstream " + upstream.name() + " broke off in the middle of its answer"));
    }
}
