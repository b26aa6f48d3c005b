package io.edistream.gateway.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.sequences.SamplingChange;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What another engine is asked for so that it goes on with an answer that was begun elsewhere, from its text. */
public final class OnwardRequest {

    private static final List<String> LIMITS = List.of("max_tokens", "max_completion_tokens");

    private final Asked asked;
    private final Upstream upstream;
    private final String text;
    private final int tokens;

    /**
     * @param upstream who is to go on
     * @param text what was generated; empty to begin from the prompt
     * @param tokens how many tokens that were
     */
    public OnwardRequest(Asked asked, Upstream upstream, String text, int tokens) {
        this.asked = asked;
        this.upstream = upstream;
        this.text = text;
        this.tokens = tokens;
    }

    /**
     * Why an answer could not go on with an engine; empty if it could.
     *
     * @param tokens that the answer has
     */
    public static Optional<String> objection(Asked asked, Upstream upstream, int tokens) {
        boolean chat = asked.endpoint() == Endpoint.CHAT;
        JsonNode from = asked.body().value(chat ? "messages" : "prompt");
        if (asked.choices() > 1) {
            return Optional.of("its client asked for several choices");
        } else if (asked.hasTools()) {
            return Optional.of("its client brought tools, and a call that was begun cannot be gone on with");
        } else if (asked.hasForm()) {
            return Optional.of("its client asked for a form, which the rest of a text cannot be held to");
        } else if (asked.wantsLogprobs()) {
            return Optional.of("its client asked for log-probabilities, which two models do not have in common");
        } else if (from == null || !(chat ? from.isArray() : from.isTextual())) {
            return Optional.of("its prompt is no " + (chat ? "list of messages" : "text"));
        } else if (chat && tokens > 0 && !upstream.kind().goesOnWithAMessage()) {
            return Optional.of("engines of kind " + upstream.kind().configured()
                    + " are not known to go on with a message that was begun");
        }
        for (String name : LIMITS) {
            Double most = asked.number(name);
            if (most != null && most.intValue() - tokens < 1) {
                return Optional.of("nothing is left of the " + most.intValue() + " tokens that its client allows");
            }
        }
        return Optional.empty();
    }

    /**
     * Its body.
     *
     * @param sampling what to draw otherwise
     * @throws IllegalStateException if there is an {@linkplain #objection}
     */
    public byte[] body(Additions additions, @Nullable String model, SamplingChange sampling) {
        objection(asked, upstream, tokens).ifPresent(objection -> {
            throw new IllegalStateException(objection);
        });
        Map<String, String> values = asked.values(additions, upstream);
        for (String name : LIMITS) {
            Double most = asked.number(name);
            if (most != null) {
                values.put(name, Integer.toString(most.intValue() - tokens));
            }
        }
        put(values, "temperature", sampling.temperature());
        put(values, "top_p", sampling.topP());
        put(values, "top_k", sampling.topK());
        put(values, "min_p", sampling.minP());
        put(values, "seed", sampling.seed());
        sampling.further().forEach((name, value) -> put(values, name, value));
        if (!text.isEmpty() && asked.endpoint() == Endpoint.COMPLETIONS) {
            JsonNode prompt = asked.body().value("prompt");
            values.put(
                    "prompt",
                    TextNode.valueOf((prompt == null ? "" : prompt.asText()) + text)
                            .toString());
        } else if (!text.isEmpty()) {
            values.put("messages", messages().toString());
            if (upstream.kind() == UpstreamKind.VLLM) {
                values.put("continue_final_message", "true");
                values.put("add_generation_prompt", "false");
            }
        }
        return asked.body().changed(Set.of(Asked.OURS), values, model);
    }

    private static void put(Map<String, String> values, String name, @Nullable Number value) {
        if (value != null) {
            values.put(name, value.toString());
        }
    }

    /** What its engine repeats in front of the rest. */
    public String repeated() {
        return text.isEmpty() || asked.endpoint() == Endpoint.COMPLETIONS || upstream.kind() != UpstreamKind.LLAMACPP
                ? ""
                : begun() + text;
    }

    /** A last message of the assistant is what an engine goes on with. */
    private ArrayNode messages() {
        JsonNode given = asked.body().value("messages");
        if (given == null) {
            throw new IllegalStateException("there are no messages");
        }
        ArrayNode messages = given.deepCopy();
        String begun = begun();
        if (isBegun(messages) && messages.get(messages.size() - 1) instanceof ObjectNode last) {
            last.put("content", begun + text);
        } else {
            messages.addObject().put("role", "assistant").put("content", text);
        }
        return messages;
    }

    private String begun() {
        JsonNode messages = asked.body().value("messages");
        return messages != null && isBegun(messages)
                ? messages.get(messages.size() - 1).path("content").asText()
                : "";
    }

    private static boolean isBegun(JsonNode messages) {
        return !messages.isEmpty()
                && "assistant"
                        .equals(messages.get(messages.size() - 1).path("role").asText());
    }
}
