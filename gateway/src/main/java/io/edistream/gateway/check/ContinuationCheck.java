package io.edistream.gateway.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.request.TokenizerQuestion;
import java.io.IOException;

/** Cuts a greedy answer in the middle, and looks whether the engine goes on as it would have without. Used once. */
final class ContinuationCheck {

    private static final int TOKENS = 16;
    private static final String AS_UNCUT = "as the uncut answer";
    private static final String OTHERWISE = "otherwise than the uncut answer";
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Upstream upstream;
    private final EngineClient engine;
    private final String model;

    ContinuationCheck(Upstream upstream, EngineClient engine, String model) {
        this.upstream = upstream;
        this.engine = engine;
        this.model = model;
    }

    /** What is found. Only ids that the configuration counts on can be wrong. */
    Finding run() throws InterruptedException {
        if (!upstream.kind().goesOnWithAMessage()) {
            return Finding.of(
                    "continue",
                    "not tried: of kind " + upstream.kind().configured()
                            + " it is not known, so that no chat is moved to it");
        }
        JsonNode uncut;
        try {
            uncut = engine.json("/v1/chat/completions", chat());
        } catch (IOException e) {
            return Finding.of("continue", "not tried: " + e.getMessage());
        }
        String text = uncut.at("/choices/0/message/content").asText();
        int cut = text.lastIndexOf(' ', text.length() / 2);
        if (cut <= 0) {
            return Finding.of("continue", "its answer is too short to be cut");
        }
        String byText = byText(text, cut);
        String byIds = byIds(uncut);
        String found = "from a text " + byText + ", from ids " + byIds;
        return upstream.tokenizer() != null && !byIds.equals(AS_UNCUT)
                ? Finding.wrong("continue", found + ": leave tokenizer out")
                : Finding.of("continue", found);
    }

    private ObjectNode chat() {
        ObjectNode body =
                NODES.objectNode().put("model", model).put("temperature", 0).put("max_tokens", TOKENS);
        body.putArray("messages")
                .addObject()
                .put("role", "user")
                .put("content", "Tell me a long story about a dragon.");
        if (upstream.kind() == UpstreamKind.VLLM) {
            body.put("return_token_ids", true);
        } else {
            body.put("logprobs", true).put("top_logprobs", 1);
        }
        return body;
    }

    private String byText(String text, int cut) throws InterruptedException {
        ObjectNode body = chat();
        body.withArray("/messages").addObject().put("role", "assistant").put("content", text.substring(0, cut));
        if (upstream.kind() == UpstreamKind.VLLM) {
            body.put("continue_final_message", true).put("add_generation_prompt", false);
        }
        try {
            String rest = engine.json("/v1/chat/completions", body)
                    .at("/choices/0/message/content")
                    .asText();
            // llama.cpp repeats what it was given; of vLLM the same would be another beginning.
            String all = upstream.kind() == UpstreamKind.LLAMACPP ? rest : text.substring(0, cut) + rest;
            int shorter = Math.min(all.length(), text.length());
            return all.substring(0, shorter).equals(text.substring(0, shorter)) ? AS_UNCUT : OTHERWISE;
        } catch (IOException e) {
            return "not: " + e.getMessage();
        }
    }

    private String byIds(JsonNode uncut) throws InterruptedException {
        try {
            ArrayNode ids = ids(uncut);
            ArrayNode prompt = prompt(uncut);
            if (ids.size() < 2 || prompt.isEmpty()) {
                return "not: it tells none";
            }
            int half = ids.size() / 2;
            for (int i = 0; i < half; i++) {
                prompt.add(ids.get(i));
            }
            ObjectNode body = NODES.objectNode()
                    .put("model", model)
                    .put("temperature", 0)
                    .put("max_tokens", ids.size() - half)
                    .put("logprobs", 1)
                    .put("return_token_ids", true);
            body.set("prompt", prompt);
            ArrayNode rest = ids(engine.json("/v1/completions", body));
            for (int i = half; i < ids.size(); i++) {
                if (!ids.get(i).equals(rest.get(i - half))) {
                    return OTHERWISE;
                }
            }
            return AS_UNCUT;
        } catch (IOException e) {
            return "not: " + e.getMessage();
        }
    }

    private ArrayNode ids(JsonNode answer) {
        ArrayNode ids = NODES.arrayNode();
        if (upstream.kind() == UpstreamKind.VLLM) {
            answer.at("/choices/0/token_ids").forEach(ids::add);
        } else {
            answer.at("/choices/0/logprobs/content").forEach(token -> ids.add(token.path("id")));
        }
        return ids;
    }

    private ArrayNode prompt(JsonNode answer) throws IOException, InterruptedException {
        ArrayNode ids = NODES.arrayNode();
        if (upstream.kind() == UpstreamKind.VLLM) {
            answer.path("prompt_token_ids").forEach(ids::add);
            return ids;
        }
        String text = engine.json(TokenizerQuestion.TEMPLATE_PATH, chat())
                .path("prompt")
                .asText();
        engine.json(TokenizerQuestion.PATH, TokenizerQuestion.ofLlamaCpp(text, true, true))
                .path("tokens")
                .forEach(ids::add);
        return ids;
    }

    /** Ids of a text that is the beginning of no prompt. */
    static JsonNode tokens(Upstream upstream, String text) throws IOException, InterruptedException {
        EngineClient engine = new EngineClient(upstream);
        ObjectNode body;
        if (upstream.kind() == UpstreamKind.VLLM) {
            String offered = engine.json("/v1/models").at("/data/0/id").asText();
            body = TokenizerQuestion.ofVllm(
                    upstream.models().isEmpty() ? offered : upstream.models().get(0), text);
        } else {
            body = TokenizerQuestion.ofLlamaCpp(text, false, true);
        }
        return engine.json(TokenizerQuestion.PATH, body).path("tokens");
    }
}
