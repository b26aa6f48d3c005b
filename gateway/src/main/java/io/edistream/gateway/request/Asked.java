package io.edistream.gateway.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.json.JsonBody;
import io.edistream.sequences.ToldSampling;
import io.edistream.sequences.Uniforms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The body of a request, as its client wrote it. */
public final class Asked {

    private static final int MAX_SHOWN_CHARACTERS = 64;

    /** Of one request; engines have limits of their own below it. */
    public static final int MAX_CHOICES = 128;

    static final String OURS = "edistream";

    private static final String REASONING_CONTROL = "reasoning_control";

    /** OpenAI's legacy completions have at most 5 alternatives; its chat has 20. */
    private static final int OPENAI_COMPLETIONS = 5;

    private static final int OPENAI_CHAT = 20;

    /** Members that change nothing about how an answer comes in parts. */
    private static final Set<String> KNOWN_IN_PARTS = Set.of(
            "model",
            "messages",
            "prompt",
            "max_tokens",
            "max_completion_tokens",
            "temperature",
            "top_p",
            "top_k",
            "min_p",
            "n",
            "stop",
            "seed",
            "presence_penalty",
            "frequency_penalty",
            "repetition_penalty",
            "logit_bias",
            "logprobs",
            "top_logprobs",
            "user",
            "stream",
            OURS);

    private final Endpoint endpoint;
    private final JsonBody body;

    private Asked(Endpoint endpoint, JsonBody body) {
        this.endpoint = endpoint;
        this.body = body;
    }

    /** What a body asks an endpoint for. */
    public static Asked of(Endpoint endpoint, JsonBody body) {
        return new Asked(endpoint, body);
    }

    JsonBody body() {
        return body;
    }

    /** Where it was sent to. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** The model's name; null if there is none. */
    public @Nullable String model() {
        return body.model();
    }

    /** Whether the answer is a stream. */
    public boolean streams() {
        JsonNode stream = body.value("stream");
        return stream != null && stream.asBoolean(false);
    }

    /** Answers that are asked for: those of every prompt, where there are several. */
    public long choices() {
        JsonNode n = body.value("n");
        long each = n != null && n.canConvertToLong() ? Math.max(1, n.asLong()) : 1;
        return each * prompts();
    }

    private int prompts() {
        JsonNode prompt = endpoint == Endpoint.COMPLETIONS ? body.value("prompt") : null;
        // A list of numbers is one prompt by its ids.
        return prompt != null
                        && prompt.isArray()
                        && !prompt.isEmpty()
                        && !prompt.get(0).isNumber()
                ? prompt.size()
                : 1;
    }

    /** Whether it brings tools that may be called. */
    public boolean hasTools() {
        JsonNode tools = body.value("tools");
        JsonNode functions = body.value("functions");
        return (tools != null && !tools.isEmpty()) || (functions != null && !functions.isEmpty());
    }

    /** Whether the answer must have a form, so that a grammar's mask lies over the distribution. */
    public boolean hasForm() {
        JsonNode format = body.value("response_format");
        return (format != null
                        && format.isObject()
                        && !"text".equals(format.path("type").asText("text")))
                || has("structured_outputs")
                || has("guided_json")
                || has("guided_regex")
                || has("guided_choice")
                || has("guided_grammar")
                || has("grammar")
                || has("json_schema");
    }

    /** Whether the client wants to see log-probabilities itself. */
    public boolean wantsLogprobs() {
        JsonNode logprobs = body.value("logprobs");
        JsonNode n = body.value("n_probs");
        return (logprobs != null && (logprobs.isNumber() || logprobs.asBoolean(false)))
                || (n != null && n.asInt(0) > 0);
    }

    /** Log-probabilities per token that the client asked for; 0 if it does not say. */
    public int wantedAlternatives() {
        JsonNode wanted = endpoint == Endpoint.CHAT ? body.value("top_logprobs") : body.value("logprobs");
        JsonNode n = body.value("n_probs");
        int probabilities = n == null ? 0 : n.asInt(0);
        return Math.max(0, Math.max(probabilities, wanted == null || !wanted.isNumber() ? 0 : wanted.asInt(0)));
    }

    /** How its tokens are drawn, as far as it says. */
    public ToldSampling sampling() {
        Map<String, Double> further = new TreeMap<>();
        for (String name : Set.of("repetition_penalty", "presence_penalty", "frequency_penalty")) {
            Double number = number(name);
            if (number != null) {
                further.put(name, number);
            }
        }
        Double topK = number("top_k");
        Double seed = number("seed");
        return new ToldSampling(
                number("temperature"),
                topK == null ? null : (Integer) Math.max(0, topK.intValue()),
                number("top_p"),
                number("min_p"),
                seed == null ? null : (Long) seed.longValue(),
                further);
    }

    /** What it says to us. */
    public Wishes wishes() {
        JsonNode ours = body.value(OURS);
        return ours == null || !ours.isObject()
                ? Wishes.NONE
                : new Wishes(ours.path("watch").asBoolean(true), text(ours.get("request")), text(ours.get("group")));
    }

    /** What is wrong with what it says to us, if that is no strategy; empty if nothing is. */
    public Optional<String> objectionToWishes() {
        JsonNode ours = body.value(OURS);
        if (ours == null || ours.isNull()) {
            return Optional.empty();
        }
        if (!ours.isObject()) {
            return Optional.of(OURS + " must be an object");
        }
        for (Map.Entry<String, JsonNode> wish : ours.properties()) {
            if (!Wishes.NAMES.contains(wish.getKey())) {
                return Optional.of("without a strategy " + OURS + " has no member " + shown(wish.getKey()) + ", only "
                        + new TreeSet<>(Wishes.NAMES));
            }
            boolean isFlag = wish.getKey().equals("watch");
            if (!wish.getValue().isNull()
                    && (isFlag ? !wish.getValue().isBoolean() : !wish.getValue().isTextual())) {
                return Optional.of(OURS + "." + wish.getKey() + " must be " + (isFlag ? "true or false" : "a text"));
            }
        }
        return Optional.empty();
    }

    /** A name that a client wrote, which may be long. */
    static String shown(String name) {
        return name.length() > MAX_SHOWN_CHARACTERS ? name.substring(0, MAX_SHOWN_CHARACTERS) + "..." : name;
    }

    /** All that it says to us; null if it says nothing. */
    public @Nullable JsonNode ours() {
        return body.value(OURS);
    }

    /** Whether one answer is to be made of several samples. */
    public boolean hasStrategy() {
        JsonNode ours = ours();
        return ours != null && ours.hasNonNull("strategy");
    }

    /** Whether the engine is to choose the best of several answers by itself. */
    public boolean letsEngineChoose() {
        JsonNode best = body.value("best_of");
        return best != null && best.asLong(1) > 1;
    }

    /**
     * The same for one of several samples: a stream, with the numbers of tokens at its end, and with a seed of its own if the client
     * gave one. Sample 0 has the client's; those of others have 31 bits, which every engine takes.
     */
    public Asked sample(int index) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("stream", "true");
        values.put("stream_options", streamOptionsWithUsage());
        JsonNode seed = body.value("seed");
        if (index > 0 && seed != null && seed.isIntegralNumber() && seed.canConvertToLong()) {
            values.put("seed", Long.toString(Uniforms.sampleSeed(seed.asLong(), index) >>> 33));
        }
        return with(endpoint, Set.of(OURS), values);
    }

    /**
     * The same with other members.
     *
     * @param to which endpoint it is for
     * @param cut names of members to take out
     * @param values by name, as JSON
     */
    Asked with(Endpoint to, Set<String> cut, Map<String, String> values) {
        try {
            return new Asked(to, JsonBody.of(body.changed(cut, values, null)));
        } catch (IOException e) {
            throw new UncheckedIOException("what was read before with other members cannot be read", e);
        }
    }

    /** The prompt of a completion; empty if it is no text. */
    public String promptText() {
        JsonNode prompt = body.value("prompt");
        return prompt != null && prompt.isTextual() ? prompt.textValue() : "";
    }

    /** Whether it names texts that end an answer. */
    public boolean hasStops() {
        JsonNode stop = body.value("stop");
        return stop != null && !(stop.isContainerNode() && stop.isEmpty());
    }

    /** The body as its client wrote it, without what it says to us. */
    public byte[] plain(@Nullable String model) {
        return body.changed(Set.of(OURS), Map.of(), model);
    }

    /**
     * What an engine is asked for in addition.
     *
     * @param conclude how its reasoning may be ended; null for not at all
     */
    public Additions additions(Upstream upstream, Route.@Nullable Conclude conclude) {
        boolean logprobs = !wantsLogprobs() && upstream.alternatives() > 0;
        boolean llama = upstream.kind() == UpstreamKind.LLAMACPP;
        int most = upstream.kind() != UpstreamKind.OPENAI
                ? Integer.MAX_VALUE
                : endpoint == Endpoint.CHAT ? OPENAI_CHAT : OPENAI_COMPLETIONS;
        boolean stream = !streams() && canBeStreamed(upstream.kind());
        return new Additions(
                logprobs ? Math.min(most, upstream.alternatives()) : 0,
                upstream.kind() == UpstreamKind.VLLM && !has("return_token_ids"),
                llama && (streams() || stream) && !has("timings_per_token"),
                // With it, the numbers that llama.cpp's last event has for everybody move to another one.
                !llama && streams() && !wantsUsage(),
                stream,
                conclude == Route.Conclude.ENGINE
                        && llama
                        && (streams() || stream)
                        && endpoint == Endpoint.CHAT
                        && !has(REASONING_CONTROL));
    }

    /** Whether its client lets llama.cpp be told to end its reasoning. */
    public boolean wantsReasoningControl() {
        JsonNode control = body.value(REASONING_CONTROL);
        return control != null && control.asBoolean(false);
    }

    /**
     * Whether an answer that is to come whole can be put together from a stream, so that it can be ended. llama.cpp decodes on after its
     * client has left if others stream, so there it must; elsewhere only where it is known what the parts add up to. Streams leave out
     * the list of the token that ends them, so whoever wants to see lists gets the engine's own body.
     */
    private boolean canBeStreamed(UpstreamKind kind) {
        return !wantsLogprobs()
                && (kind == UpstreamKind.LLAMACPP
                        || (!hasTools() && !hasForm() && body.names().stream().allMatch(KNOWN_IN_PARTS::contains)));
    }

    /** The body with what is asked for in addition. */
    public byte[] with(Additions additions, Upstream upstream, @Nullable String model) {
        return body.changed(Set.of(OURS), values(additions, upstream), model);
    }

    /** What is put into the body for that, by name, as JSON. */
    private Map<String, String> values(Additions additions, Upstream upstream) {
        Map<String, String> values = new LinkedHashMap<>();
        if (additions.logprobs()) {
            String k = Integer.toString(additions.alternatives());
            if (upstream.kind() == UpstreamKind.LLAMACPP && hasTools()) {
                // It refuses logprobs beside tools in a stream, and takes this.
                values.put("n_probs", k);
            } else if (endpoint == Endpoint.CHAT) {
                values.put("logprobs", "true");
                values.put("top_logprobs", k);
            } else {
                values.put("logprobs", k);
            }
        }
        if (additions.ids()) {
            values.put("return_token_ids", "true");
        }
        if (additions.timings()) {
            values.put("timings_per_token", "true");
        }
        if (additions.stream()) {
            values.put("stream", "true");
        }
        if (additions.control()) {
            values.put(REASONING_CONTROL, "true");
        }
        if (additions.usage() || additions.stream()) {
            values.put("stream_options", streamOptionsWithUsage());
        }
        return values;
    }

    /** Whether the client wants the numbers of tokens at the end of a stream. */
    public boolean wantsUsage() {
        JsonNode options = body.value("stream_options");
        return options != null && options.path("include_usage").asBoolean(false);
    }

    String streamOptionsWithUsage() {
        JsonNode options = body.value("stream_options");
        return options instanceof ObjectNode object
                ? object.deepCopy().put("include_usage", true).toString()
                : "{\"include_usage\":true}";
    }

    private boolean has(String name) {
        return body.value(name) != null;
    }

    /** A number that it has; null if there is none. */
    @Nullable
    Double number(String name) {
        JsonNode value = body.value(name);
        return value != null && value.isNumber() && Double.isFinite(value.asDouble())
                ? (Double) value.asDouble()
                : null;
    }

    private static @Nullable String text(@Nullable JsonNode node) {
        return node != null && node.isTextual() ? node.asText() : null;
    }

    /**
     * What a client may say to us in the member {@value OURS}, which no engine sees.
     *
     * @param watch whether the answer may be watched
     * @param request its own name for the request
     * @param group its own name for a group of requests
     */
    public record Wishes(boolean watch, @Nullable String request, @Nullable String group) {

        /** Nothing said. */
        public static final Wishes NONE = new Wishes(true, null, null);

        /** Their names. */
        static final Set<String> NAMES = Set.of("group", "request", "watch");
    }
}
