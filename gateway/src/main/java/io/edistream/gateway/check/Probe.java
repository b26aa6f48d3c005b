package io.edistream.gateway.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.json.JsonBody;
import io.edistream.gateway.reading.ChoicePassage;
import io.edistream.gateway.reading.EventReader;
import io.edistream.gateway.reading.Passage;
import io.edistream.gateway.reading.ReadingOptions;
import io.edistream.gateway.reading.ServerSentEvent;
import io.edistream.gateway.reading.StreamReader;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.request.Endpoint;
import io.edistream.sequences.DecodedToken;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One streamed answer to a request of the check's own, asked for and read as the gateway does it. */
final class Probe {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int EVENT_BYTES = 1 << 20;

    private final List<DecodedToken> tokens = new ArrayList<>();
    private final List<Map<String, Double>> lists = new ArrayList<>();
    private long firstTokenNanos = -1;
    private boolean usage;
    private int status;
    private String error = "";
    private int unread;

    private Probe() {}

    /**
     * Asks, and reads until the end, or until so many tokens are there: then the connection is closed.
     *
     * @param plain whether nothing is asked for in addition
     */
    static Probe ask(
            EngineClient engine, Upstream upstream, Endpoint endpoint, ObjectNode body, boolean plain, int atMost)
            throws IOException, InterruptedException {
        Asked asked = Asked.of(endpoint, JsonBody.of(MAPPER.writeValueAsBytes(body)));
        Additions additions = plain ? Additions.NONE : asked.additions(upstream, null);
        ReadingOptions options = new ReadingOptions(
                upstream.kind(), endpoint, additions, additions.alternatives(), upstream.vocabulary(), null);
        Probe probe = new Probe();
        long begun = System.nanoTime();
        HttpResponse<InputStream> response = engine.post(endpoint.path(), asked.with(additions, upstream, null));
        probe.status = response.statusCode();
        try (InputStream in = response.body()) {
            if (probe.status == 200) {
                probe.read(in, options, begun, atMost);
            } else {
                probe.error = new String(in.readNBytes(2048), StandardCharsets.UTF_8);
            }
        }
        return probe;
    }

    private void read(InputStream in, ReadingOptions options, long begun, int atMost) throws IOException {
        EventReader events = new EventReader(EVENT_BYTES);
        StreamReader reader = new StreamReader(options);
        byte[] bytes = new byte[8192];
        int read;
        while (tokens.size() < atMost && (read = in.read(bytes)) >= 0) {
            events.read(bytes, 0, read, event -> take(event, reader, begun));
        }
        unread = reader.unread();
    }

    private void take(ServerSentEvent event, StreamReader reader, long begun) {
        collectLists(event);
        Passage passage = reader.read(event);
        usage |= passage.usage() != null;
        if (passage.error() != null) {
            error = passage.error().message();
        }
        for (ChoicePassage choice : passage.choices()) {
            if (firstTokenNanos < 0 && !choice.tokens().isEmpty()) {
                firstTokenNanos = System.nanoTime() - begun;
            }
            tokens.addAll(choice.tokens());
        }
    }

    /** Every list as the engine sent it, since measurements do not tell how long it was. */
    private void collectLists(ServerSentEvent event) {
        JsonNode tree = event.json();
        if (tree == null) {
            return;
        }
        JsonNode logprobs = tree.at("/choices/0/logprobs");
        for (JsonNode token : logprobs.path("content")) {
            Map<String, Double> list = new TreeMap<>();
            token.path("top_logprobs")
                    .forEach(one -> list.put(
                            one.path("token").asText() + one.path("bytes"),
                            one.path("logprob").asDouble()));
            lists.add(list);
        }
        for (JsonNode token : logprobs.path("top_logprobs")) {
            Map<String, Double> list = new TreeMap<>();
            token.properties()
                    .forEach(one -> list.put(one.getKey(), one.getValue().asDouble()));
            lists.add(list);
        }
    }

    int status() {
        return status;
    }

    /** What the engine said was wrong; empty if nothing was. */
    String error() {
        return error;
    }

    boolean succeeded() {
        return status == 200 && error.isEmpty();
    }

    List<DecodedToken> tokens() {
        return tokens;
    }

    /** Log-probabilities by token, for each token that has a list. */
    List<Map<String, Double>> lists() {
        return lists;
    }

    /** -1 if there was none. */
    long firstTokenNanos() {
        return firstTokenNanos;
    }

    boolean hasUsage() {
        return usage;
    }

    int unread() {
        return unread;
    }
}
