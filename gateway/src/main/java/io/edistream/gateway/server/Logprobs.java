package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.engine.TokenEngine;
import io.edistream.gateway.engine.TokenText;
import io.edistream.gateway.request.Endpoint;
import io.edistream.sequences.Alternative;
import io.edistream.sequences.DecodedToken;
import java.util.List;

/** Log-probabilities of one choice as OpenAI's endpoints have them, as its tokens come. Used on the gateway's event loop. */
final class Logprobs {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** What OpenAI says where a number is too small to be told; JSON has no infinity. */
    private static final double NONE = -9999;

    private static final List<String> OF_COMPLETIONS =
            List.of("tokens", "token_logprobs", "top_logprobs", "text_offset");

    private final TokenEngine engine;
    private final Endpoint endpoint;
    private ObjectNode waiting = MAPPER.createObjectNode();
    private int offset;

    Logprobs(TokenEngine engine, Endpoint endpoint) {
        this.engine = engine;
        this.endpoint = endpoint;
    }

    /** More tokens, of a route's vocabulary. */
    void add(String route, List<DecodedToken> tokens) {
        for (DecodedToken token : tokens) {
            if (endpoint == Endpoint.CHAT) {
                addToChat(route, token);
            } else {
                addToCompletion(route, token);
            }
        }
    }

    /** Whether there are any that were not taken. */
    boolean areThere() {
        return !waiting.isEmpty();
    }

    /** Those that were not taken. */
    ObjectNode take() {
        ObjectNode taken = waiting;
        waiting = MAPPER.createObjectNode();
        if (endpoint == Endpoint.CHAT) {
            taken.withArray("/content");
            taken.putNull("refusal");
        } else {
            OF_COMPLETIONS.forEach(list -> taken.withArray("/" + list));
        }
        return taken;
    }

    private void addToChat(String route, DecodedToken token) {
        ObjectNode entry = waiting.withArray("/content").addObject();
        write(entry, engine.text(route, token.id()), token.stats().logProbability());
        ArrayNode top = entry.putArray("top_logprobs");
        for (Alternative other : token.best()) {
            write(top.addObject(), engine.text(route, other.token()), other.logProbability());
        }
    }

    private static void write(ObjectNode entry, TokenText text, float logProbability) {
        entry.put("token", text.text()).put("logprob", number(logProbability));
        ArrayNode bytes = entry.putArray("bytes");
        text.bytes().forEach(bytes::add);
    }

    private void addToCompletion(String route, DecodedToken token) {
        String text = engine.text(route, token.id()).text();
        double own = number(token.stats().logProbability());
        waiting.withArray("/tokens").add(text);
        waiting.withArray("/token_logprobs").add(own);
        ObjectNode top = waiting.withArray("/top_logprobs").addObject();
        for (Alternative other : token.best()) {
            String name = engine.text(route, other.token()).text();
            // Halves of characters look alike: the more probable one comes first and stays.
            if (!top.has(name)) {
                top.put(name, number(other.logProbability()));
            }
        }
        top.put(text, own);
        waiting.withArray("/text_offset").add(offset);
        offset += text.length();
    }

    private static double number(float logProbability) {
        return Float.isFinite(logProbability) ? logProbability : NONE;
    }
}
