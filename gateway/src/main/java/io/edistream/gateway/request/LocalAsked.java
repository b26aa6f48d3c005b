package io.edistream.gateway.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.gateway.engine.EngineModel;
import io.edistream.gateway.engine.EngineRequest;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.Sampling.Penalties;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A request that is answered in this process. Whatever it asks for is done or refused, never left out in silence.
 *
 * @param endpoint where it was sent to
 * @param model what is asked
 * @param request for the engine
 * @param streams whether the answer comes in parts
 * @param usage whether a stream ends with the numbers of tokens
 * @param logprobs whether log-probabilities go with the text
 */
public record LocalAsked(
        Endpoint endpoint, EngineModel model, EngineRequest request, boolean streams, boolean usage, boolean logprobs) {

    /** Members that are done. */
    private static final Set<String> DONE = Set.of(
            "model",
            "stream",
            "stream_options",
            "n",
            "max_tokens",
            "temperature",
            "top_p",
            "top_k",
            "min_p",
            "seed",
            "presence_penalty",
            "frequency_penalty",
            "repetition_penalty",
            "logit_bias",
            "stop",
            "logprobs",
            "edistream");

    private static final Set<String> DONE_IN_CHAT = Set.of("messages", "max_completion_tokens", "top_logprobs");

    private static final Set<String> DONE_IN_COMPLETIONS = Set.of("prompt");

    /** What clients send that changes nothing about the answer. */
    private static final Set<String> HARMLESS = Set.of(
            "user",
            "metadata",
            "store",
            "service_tier",
            "safety_identifier",
            "prompt_cache_key",
            "prompt_cache_retention",
            "parallel_tool_calls");

    /** Characters of a traceparent of version 00. */
    private static final int TRACE_CHARACTERS = 55;

    /**
     * Who asks, as far as the body does not say.
     *
     * @param name the client's name for its request; null if it has none
     * @param traceContext W3C traceparent; null if there is none
     * @param seeds draws the seeds of those that bring none
     */
    public record Origin(@Nullable String name, @Nullable String traceContext, LongSupplier seeds) {}

    /**
     * Reads a body.
     *
     * @throws IllegalArgumentException if it asks for what is not possible; the message says what is
     */
    public static LocalAsked of(Endpoint endpoint, JsonNode body, EngineModel model, Origin origin) {
        Members members = new Members(body);
        requireNothingElse(endpoint, body, members);
        int choices = members.integer("n", 1, 1, Asked.MAX_CHOICES);
        Impossible.require(members, choices);
        boolean streams = members.flag("stream");
        boolean chat = endpoint == Endpoint.CHAT;
        boolean logprobs = chat ? members.flag("logprobs") : members.has("logprobs");
        int alternatives = members.integer(chat ? "top_logprobs" : "logprobs", 0, 0, model.alternatives());
        if (chat && !logprobs && members.has("top_logprobs")) {
            throw new IllegalArgumentException("top_logprobs needs logprobs to be true");
        }
        String trace = origin.traceContext;
        EngineRequest request = new EngineRequest(
                model.route(),
                chat ? Prompts.conversation(members) : Prompts.prompt(members),
                choices,
                sampling(members, origin.seeds),
                maxTokens(members),
                members.texts("stop"),
                alternatives,
                name(members, origin.name),
                trace == null ? null : trace.substring(0, Math.min(TRACE_CHARACTERS, trace.length())));
        return new LocalAsked(endpoint, model, request, streams, wantsUsage(members) && streams, logprobs);
    }

    private static void requireNothingElse(Endpoint endpoint, JsonNode body, Members members) {
        Set<String> own = endpoint == Endpoint.CHAT ? DONE_IN_CHAT : DONE_IN_COMPLETIONS;
        body.fieldNames().forEachRemaining(name -> {
            if (members.has(name)
                    && !DONE.contains(name)
                    && !own.contains(name)
                    && !HARMLESS.contains(name)
                    && !Impossible.names().contains(name)) {
                throw new IllegalArgumentException("the member " + Asked.shown(name) + " is not known to "
                        + endpoint.path() + " of this engine, and nothing is left out in silence");
            }
        });
    }

    private static boolean wantsUsage(Members members) {
        JsonNode options = members.value("stream_options");
        return options != null && Members.object("stream_options", options).flag("include_usage");
    }

    private static @Nullable Integer maxTokens(Members members) {
        int old = members.integer("max_tokens", 0, 1, Integer.MAX_VALUE);
        int most = members.integer("max_completion_tokens", old, 1, Integer.MAX_VALUE);
        if (old > 0 && old != most) {
            throw new IllegalArgumentException(
                    "max_tokens and max_completion_tokens mean the same: give one, or the same number");
        }
        return most == 0 ? null : (Integer) most;
    }

    private static Sampling sampling(Members members, LongSupplier seeds) {
        Long seed = members.whole("seed");
        // -1 is how some servers say that it is off.
        int topK = Math.max(0, members.integer("top_k", 0, -1, Integer.MAX_VALUE));
        return new Sampling(
                members.number("temperature", 1),
                topK,
                members.number("top_p", 1),
                members.number("min_p", 0),
                seed == null ? seeds.getAsLong() : seed,
                new Penalties(
                        members.number("repetition_penalty", 1),
                        members.number("presence_penalty", 0),
                        members.number("frequency_penalty", 0)),
                bias(members.value("logit_bias")));
    }

    private static Map<Integer, Float> bias(@Nullable JsonNode object) {
        Map<Integer, Float> bias = new HashMap<>();
        if (object != null) {
            if (!object.isObject()) {
                throw Members.wrong("logit_bias", "an object of token ids with numbers", object);
            }
            object.properties()
                    .forEach(one -> bias.put(tokenId(one.getKey()), (float)
                            Members.finite("logit_bias", Objects.requireNonNull(one.getValue()))));
        }
        return bias;
    }

    private static int tokenId(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("logit_bias must name tokens by their ids", e);
        }
    }

    private static @Nullable String name(Members members, @Nullable String otherwise) {
        JsonNode ours = members.value("edistream");
        if (ours == null) {
            return otherwise;
        }
        Members wishes = Members.object("edistream", ours);
        ours.fieldNames().forEachRemaining(wish -> {
            if (!Asked.Wishes.NAMES.contains(wish)) {
                throw new IllegalArgumentException(
                        wish.equals("strategy")
                                ? "edistream.strategy is not possible here: a gateway in front of this engine has strategies"
                                : "the member edistream." + Asked.shown(wish) + " is not known");
            }
        });
        if (wishes.has("group")) {
            throw new IllegalArgumentException(
                    "edistream.group is not possible here: the choices of one request are a group, by n");
        }
        if (wishes.has("watch") && !wishes.flag("watch")) {
            throw new IllegalArgumentException(
                    "edistream.watch cannot be false here: this engine measures whatever it generates");
        }
        JsonNode named = wishes.value("request");
        if (named != null && !named.isTextual()) {
            throw Members.wrong("edistream.request", "a text", named);
        }
        return named == null ? otherwise : named.textValue();
    }
}
