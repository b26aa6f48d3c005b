package io.edistream.gateway.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.sequences.Continuation.Method;
import io.edistream.sequences.SamplingChange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an engine is asked for so that it goes on with an answer that was begun elsewhere. */
public final class OnwardRequest {

    private static final List<String> LIMITS = List.of("max_tokens", "max_completion_tokens");

    /** Members of a chat that no completion has. What they lead to stands in the ids. */
    private static final Set<String> OF_CHATS = Set.of(
            Asked.OURS,
            "messages",
            "max_completion_tokens",
            "logprobs",
            "top_logprobs",
            "tools",
            "tool_choice",
            "parallel_tool_calls",
            "response_format",
            "modalities",
            "reasoning_effort",
            "reasoning_format",
            "reasoning_control",
            "include_reasoning",
            "chat_template",
            "chat_template_kwargs",
            "add_generation_prompt",
            "continue_final_message");

    private final Asked asked;
    private final Method method;
    private final int tokens;
    private final String repeated;

    private OnwardRequest(Asked asked, Method method, int tokens, String repeated) {
        this.asked = asked;
        this.method = method;
        this.tokens = tokens;
        this.repeated = repeated;
    }

    /** It begins again. */
    public static OnwardRequest fromPrompt(Asked asked, SamplingChange sampling) {
        Map<String, String> values = new LinkedHashMap<>();
        putCommon(values, asked, sampling);
        return new OnwardRequest(asked.with(asked.endpoint(), Set.of(Asked.OURS), values), Method.FROM_PROMPT, 0, "");
    }

    /**
     * It goes on from a text.
     *
     * @param upstream who is to go on
     * @param text what was generated, not empty
     * @param tokens how many tokens that were
     * @throws IllegalStateException if there is an {@linkplain #objection}
     */
    public static OnwardRequest byText(
            Asked asked, Upstream upstream, String text, int tokens, SamplingChange sampling) {
        requireNoObjection(asked, tokens);
        Map<String, String> values = new LinkedHashMap<>();
        putLimits(values, asked, tokens);
        putCommon(values, asked, sampling);
        boolean chat = asked.endpoint() == Endpoint.CHAT;
        if (chat) {
            values.put("messages", messages(asked, text).toString());
            if (upstream.kind() == UpstreamKind.VLLM) {
                values.put("continue_final_message", "true");
                values.put("add_generation_prompt", "false");
            }
        } else {
            values.put("prompt", TextNode.valueOf(asked.promptText() + text).toString());
        }
        return new OnwardRequest(
                asked.with(asked.endpoint(), Set.of(Asked.OURS), values),
                Method.BY_TEXT,
                tokens,
                chat && upstream.kind() == UpstreamKind.LLAMACPP ? begun(asked) + text : "");
    }

    /**
     * It goes on from tokens, as a completion.
     *
     * @param prompt ids of the prompt's tokens
     * @param ids those of what was generated
     * @param forced those of what is put behind it
     * @throws IllegalStateException if there is an {@linkplain #objection}
     */
    public static OnwardRequest byIds(Asked asked, int[] prompt, int[] ids, int[] forced, SamplingChange sampling) {
        requireNoObjection(asked, ids.length);
        Map<String, String> values = new LinkedHashMap<>();
        boolean chat = asked.endpoint() == Endpoint.CHAT;
        Double most = asked.number("max_tokens");
        if (chat) {
            Double newer = asked.number("max_completion_tokens");
            most = newer != null ? newer : most;
            // A chat ends by itself; completions of vLLM have 16 tokens if nobody says otherwise.
            values.put("max_tokens", "null");
        }
        if (most != null) {
            values.put("max_tokens", Integer.toString(most.intValue() - ids.length));
        }
        putCommon(values, asked, sampling);
        ArrayNode all = JsonNodeFactory.instance.arrayNode(prompt.length + ids.length + forced.length);
        for (int[] part : List.of(prompt, ids, forced)) {
            for (int id : part) {
                all.add(id);
            }
        }
        values.put("prompt", all.toString());
        return new OnwardRequest(
                asked.with(Endpoint.COMPLETIONS, chat ? OF_CHATS : Set.of(Asked.OURS), values),
                Method.BY_IDS,
                ids.length,
                "");
    }

    /**
     * Why an answer could not go on elsewhere, whoever is asked; empty if it could.
     *
     * @param tokens that the answer has
     */
    public static Optional<String> objection(Asked asked, int tokens) {
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
     * Characters with which an answer repeats what its client has begun of it.
     *
     * @param upstream whose answer it is
     */
    public static int repeatedLength(Asked asked, Upstream upstream) {
        return asked.endpoint() == Endpoint.CHAT && upstream.kind() == UpstreamKind.LLAMACPP
                ? begun(asked).length()
                : 0;
    }

    private static void requireNoObjection(Asked asked, int tokens) {
        objection(asked, tokens).ifPresent(objection -> {
            throw new IllegalStateException(objection);
        });
    }

    /** What the engine is asked. */
    public Asked asked() {
        return asked;
    }

    /** What it is given of the answer. */
    public Method method() {
        return method;
    }

    /** How many tokens of the answer that are. */
    public int tokens() {
        return tokens;
    }

    /** What the engine repeats in front of the rest. */
    public String repeated() {
        return repeated;
    }

    private static void putLimits(Map<String, String> values, Asked asked, int tokens) {
        for (String name : LIMITS) {
            Double most = asked.number(name);
            if (most != null) {
                values.put(name, Integer.toString(most.intValue() - tokens));
            }
        }
    }

    /** What is drawn otherwise, and that it is a stream, of which an answer in one piece is put together as well. */
    private static void putCommon(Map<String, String> values, Asked asked, SamplingChange sampling) {
        if (!asked.streams()) {
            values.put("stream", "true");
            values.put("stream_options", asked.streamOptionsWithUsage());
        }
        put(values, "temperature", sampling.temperature());
        put(values, "top_p", sampling.topP());
        put(values, "top_k", sampling.topK());
        put(values, "min_p", sampling.minP());
        put(values, "seed", sampling.seed());
        sampling.further().forEach((name, value) -> put(values, name, value));
    }

    private static void put(Map<String, String> values, String name, @Nullable Number value) {
        if (value != null) {
            values.put(name, value.toString());
        }
    }

    /** A last message of the assistant is what an engine goes on with. */
    private static ArrayNode messages(Asked asked, String text) {
        JsonNode given = asked.body().value("messages");
        if (given == null) {
            throw new IllegalStateException("there are no messages");
        }
        ArrayNode messages = given.deepCopy();
        String begun = begun(asked);
        if (isBegun(messages) && messages.get(messages.size() - 1) instanceof ObjectNode last) {
            last.put("content", begun + text);
        } else {
            messages.addObject().put("role", "assistant").put("content", text);
        }
        return messages;
    }

    private static String begun(Asked asked) {
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
