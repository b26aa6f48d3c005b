package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.server.SeededText.Piece;
import org.jspecify.annotations.Nullable;

/** Events as a vLLM or a llama.cpp writes them for what it was asked, in order. The shapes are those of the captures in {@code reading/captures}. */
final class EngineEvents {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final UpstreamKind kind;
    private final Endpoint endpoint;
    private final String id;
    private final int promptTokens;
    private final boolean usage;
    private final boolean timings;
    private final boolean ids;
    private final boolean logprobs;
    private int completionTokens;

    /**
     * @param asked the body of the request
     * @param promptTokens of all that it was given
     */
    EngineEvents(UpstreamKind kind, Endpoint endpoint, String id, int promptTokens, JsonNode asked) {
        this.kind = kind;
        this.endpoint = endpoint;
        this.id = id;
        this.promptTokens = promptTokens;
        usage = asked.at("/stream_options/include_usage").asBoolean();
        timings = asked.path("timings_per_token").asBoolean();
        ids = asked.path("return_token_ids").asBoolean();
        logprobs = asked.path("logprobs").asInt() > 0 || asked.path("logprobs").asBoolean();
    }

    /** The first event of a chat; empty for completions, which have none. */
    String role() {
        if (endpoint == Endpoint.COMPLETIONS) {
            return "";
        }
        ObjectNode event = event();
        ObjectNode choice = choice(event, null);
        ObjectNode delta = choice.putObject("delta").put("role", "assistant");
        if (kind == UpstreamKind.VLLM) {
            delta.put("content", "");
        } else {
            delta.putNull("content");
        }
        return data(event);
    }

    /** A part of what was given, once more. */
    String repeated(String text) {
        return said(new Piece(text, 0), "", null);
    }

    /**
     * A piece.
     *
     * @param repeated what stands in front of it, from what was given
     */
    String piece(String repeated, Piece piece) {
        return said(piece, repeated, null);
    }

    private String said(Piece piece, String repeated, @Nullable String finish) {
        completionTokens += piece.tokens();
        ObjectNode event = event();
        ObjectNode choice = choice(event, finish);
        String text = repeated + piece.text();
        if (endpoint == Endpoint.CHAT) {
            choice.putObject("delta").put("content", text);
        } else {
            choice.put("text", text);
        }
        if (piece.tokens() > 0) {
            // Behind what was decoded and not shown llama.cpp has a list for the last token alone.
            int lists = kind == UpstreamKind.VLLM ? piece.tokens() : 1;
            if (logprobs) {
                choice.set("logprobs", logprobs(piece.text(), lists));
            }
            if (ids) {
                ArrayNode list = choice.putArray("token_ids");
                for (int token = 0; token < piece.tokens(); token++) {
                    list.add(completionTokens + token);
                }
            }
            if (timings) {
                timings(event);
            }
        }
        return data(event);
    }

    private ObjectNode logprobs(String text, int count) {
        ObjectNode logprobs = MAPPER.createObjectNode();
        boolean columns = endpoint == Endpoint.COMPLETIONS && kind == UpstreamKind.VLLM;
        for (int token = 0; token < count; token++) {
            String own = token == 0 ? text : "";
            double logprob = -.1 - .01 * completionTokens - .001 * token;
            if (columns) {
                logprobs.withArray("/tokens").add(own);
                logprobs.withArray("/token_logprobs").add(logprob);
                logprobs.withArray("/top_logprobs")
                        .addObject()
                        .put(own, logprob)
                        .put("other", -3.5);
            } else {
                ObjectNode entry = logprobs.withArray("/content").addObject();
                entry.put("token", own).put("logprob", logprob);
                ArrayNode top = entry.putArray("top_logprobs");
                top.addObject().put("token", own).put("logprob", logprob);
                top.addObject().put("token", "other").put("logprob", -3.5);
            }
        }
        return logprobs;
    }

    /** The end, with the numbers where the engine sends them. */
    String finish(String reason, @Nullable Piece last) {
        StringBuilder events = new StringBuilder();
        if (last != null && kind == UpstreamKind.VLLM) {
            events.append(said(last, "", reason));
        } else {
            if (last != null) {
                events.append(said(last, "", null));
            }
            events.append(finish(reason));
        }
        if (usage && !(kind == UpstreamKind.LLAMACPP && endpoint == Endpoint.COMPLETIONS)) {
            ObjectNode event = event();
            event.putArray("choices");
            numbers(event);
            events.append(data(event));
        }
        return events + "data: [DONE]\n\n";
    }

    private String finish(String reason) {
        ObjectNode event = event();
        ObjectNode choice = choice(event, reason);
        if (endpoint == Endpoint.CHAT) {
            choice.putObject("delta");
        } else {
            choice.put("text", "");
        }
        choice.putNull("logprobs");
        if (kind == UpstreamKind.LLAMACPP) {
            if (endpoint == Endpoint.COMPLETIONS) {
                // For everybody.
                numbers(event);
            }
            timings(event);
        }
        return data(event);
    }

    String error() {
        return "data: {\"error\":{\"message\":\"" + id + " failed\",\"type\":\"server_error\",\"code\":500}}\n\n";
    }

    private void numbers(ObjectNode event) {
        event.putObject("usage")
                .put("prompt_tokens", promptTokens)
                .put("completion_tokens", completionTokens)
                .put("total_tokens", promptTokens + completionTokens)
                .putObject("prompt_tokens_details")
                .put("cached_tokens", cachedTokens());
    }

    /** All but the last one are, as where an engine has just read them. */
    private int cachedTokens() {
        return promptTokens - 1;
    }

    private void timings(ObjectNode event) {
        int cached = cachedTokens();
        event.putObject("timings")
                .put("cache_n", cached)
                .put("prompt_n", promptTokens - cached)
                .put("predicted_n", completionTokens);
    }

    private ObjectNode event() {
        return MAPPER.createObjectNode()
                .put("id", id)
                .put("object", endpoint.chunk())
                .put("created", 1)
                .put("model", id + "-model");
    }

    private static ObjectNode choice(ObjectNode event, @Nullable String finish) {
        return event.putArray("choices").addObject().put("index", 0).put("finish_reason", finish);
    }

    private static String data(ObjectNode event) {
        return "data: " + event + "\n\n";
    }
}
