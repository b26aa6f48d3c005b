package io.edistream.gateway.server;

import static io.edistream.gateway.server.ChatEvents.STREAM;
import static io.edistream.gateway.server.ChatEvents.events;
import static io.edistream.gateway.server.ChatEvents.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.gateway.watch.Aborts;
import io.edistream.sequences.Continuation.Method;
import io.edistream.sequences.control.OutcomeKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that go on elsewhere from the ids of their tokens: where both engines have one vocabulary, and all ids are known. */
@Timeout(60)
class RerouteByIdsTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String ASKED =
            "{\"model\":\"small\",\"stream\":true,\"max_tokens\":20,\"temperature\":0,\"top_logprobs\":null,"
                    + "\"chat_template_kwargs\":{},\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

    private static final String NUMBERS = "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1,\"total_tokens\":4,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":2}}";

    @TempDir
    private Path folder;

    private final WatchFixture watched = new WatchFixture(0xAC);
    private RawUpstream small;
    private RawUpstream large;

    @BeforeEach
    void listen() throws IOException {
        small = new RawUpstream();
        large = new RawUpstream();
    }

    @AfterEach
    void stopListening() throws IOException {
        small.close();
        large.close();
        watched.close();
    }

    /** In the middle of a word: nothing is cut into other tokens. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aChatGoesOnAsACompletion(boolean wantsUsage) throws Exception {
        try (GatewayFixture gateway = gateway("vllm", "vllm", "t");
                Peer client = gateway.client()) {
            client.post(
                    "/v1/chat/completions",
                    wantsUsage ? ASKED.replace("\"max", "\"stream_options\":{\"include_usage\":true},\"max") : ASKED);
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(role("[1,2]")) + Peer.chunk(vllm("one", "11")));
                String head = client.readHead();
                watched.published.untilTokens(1);
                watched.commands.send(Aborts.reroute(0, 0, "large"));
                try (Peer second = large.accept()) {
                    String line = second.readHead();
                    JsonNode asked = MAPPER.readTree(second.readBody(line));
                    assertThat(line).startsWith("POST /v1/completions HTTP");
                    assertThat(asked.get("prompt").toString()).isEqualTo("[1,2,11]");
                    assertThat(asked.get("max_tokens").asInt()).isEqualTo(19);
                    assertThat(asked.get("temperature").asInt()).isZero();
                    assertThat(asked.get("logprobs").asInt()).isEqualTo(20);
                    assertThat(asked.has("messages")).isFalse();
                    assertThat(asked.has("top_logprobs")).isFalse();
                    assertThat(asked.has("chat_template_kwargs")).isFalse();
                    first.send(Peer.chunk(vllm("kept", "12")));
                    second.send(STREAM + Peer.chunk(completion("s two", "13")));
                    first.awaitClosed();
                    second.send(
                            Peer.chunk(ending()) + Peer.chunk(used()) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                    String got = new String(client.readBody(head), UTF_8);
                    assertThat(text(got, 0)).isEqualTo("ones two");
                    assertThat(got)
                            .doesNotContain("text_completion", "c2", "\"text\"")
                            .endsWith("data: [DONE]\n\n");
                    List<JsonNode> events = events(got);
                    assertThat(events)
                            .allMatch(event -> event.path("id").asText().equals("c1"))
                            .allMatch(event -> event.path("object").asText().equals("chat.completion.chunk"));
                    assertThat(events.stream()
                                    .filter(event -> event.at("/choices/0").hasNonNull("finish_reason")))
                            .singleElement()
                            .satisfies(event -> assertThat(
                                            event.at("/choices/0/finish_reason").asText())
                                    .isEqualTo("length"));
                    if (wantsUsage) {
                        JsonNode last = events.get(events.size() - 1);
                        assertThat(last.get("choices")).isEmpty();
                        assertThat(last.at("/usage/completion_tokens").asInt()).isEqualTo(2);
                        assertThat(last.at("/usage/prompt_tokens").asInt()).isEqualTo(2);
                        assertThat(last.get("usage").has("prompt_tokens_details"))
                                .isFalse();
                        assertThat(last.at("/edistream/usage/0/prompt_tokens").asInt())
                                .isEqualTo(2);
                        assertThat(last.at("/edistream/usage/1/prompt_tokens").asInt())
                                .isEqualTo(3);
                        assertThat(last.at("/edistream/usage/1/cached_tokens").asInt())
                                .isEqualTo(2);
                    } else {
                        assertThat(got).doesNotContain("\"usage\":{");
                    }
                }
            }
            assertThat(watched.published.untilEnds(2).starts().get(1).continues())
                    .satisfies(continues -> assertThat(continues.method()).isEqualTo(Method.BY_IDS))
                    .satisfies(continues -> assertThat(continues.sharedTokens()).isEqualTo(1));
            gateway.awaitMetric("edistream_gateway_reroutes_total{from=\"small\",outcome=\"by_ids\",to=\"large\"} 1.0");
        }
    }

    /** A part of a character has an id and no text: where the text ends is waited for. */
    @Test
    void aCharacterIsNotCut() throws Exception {
        try (GatewayFixture gateway = gateway("vllm", "vllm", "t");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                first.send(STREAM
                        + Peer.chunk(role("[1,2]"))
                        + Peer.chunk(vllm("one", "11"))
                        + Peer.chunk(vllm("", "12")));
                String head = client.readHead();
                reroute(2);
                first.send(Peer.chunk(vllm("é", "13")));
                watched.published.untilTokens(3);
                first.send(Peer.chunk(vllm("kept", "14")));
                assertThat(goesOn(large, "two")).isEqualTo("[1,2,11,12,13]");
                assertThat(text(new String(client.readBody(head), UTF_8), 0)).isEqualTo("oneétwo");
            }
        }
    }

    /** llama.cpp tells neither the prompt's ids nor those of the parts of a character: its tokenizer is asked. */
    @Test
    void llamaCppIsAskedForWhatItDoesNotShow() throws Exception {
        try (GatewayFixture gateway = gateway("llamacpp", "llamacpp", "t");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                first.send(STREAM
                        + Peer.chunk(llama("one", 11, 1))
                        + Peer.chunk(llama("é", 13, 3))
                        + Peer.chunk(llama("s", 14, 4))
                        + Peer.chunk(llama("ß", 17, 7)));
                String head = client.readHead();
                reroute(7);
                assertThat(answers(small, "/apply-template", "{\"prompt\":\"<hi>\"}")
                                .at("/messages/0/content")
                                .asText())
                        .isEqualTo("hi");
                assertThat(answers(small, "/tokenize", "{\"tokens\":[1,2]}"))
                        .isEqualTo(
                                MAPPER.readTree("{\"content\":\"<hi>\",\"add_special\":true,\"parse_special\":true}"));
                assertThat(answers(small, "/tokenize", "{\"tokens\":[12,13,15,16,17]}"))
                        .isEqualTo(MAPPER.readTree(
                                "{\"content\":[\"é\",\"ß\"],\"add_special\":false,\"parse_special\":false}"));
                assertThat(goesOn(large, "two")).isEqualTo("[1,2,11,12,13,14,15,16,17]");
                assertThat(text(new String(client.readBody(head), UTF_8), 0)).isEqualTo("oneésßtwo");
            }
        }
    }

    /** What comes while ids are asked for waits: otherwise there would be ever more to ask for. It is no more the client's than what comes later. */
    @Test
    void theAnswerWaitsForTheTokenizer() throws Exception {
        try (GatewayFixture gateway = gateway("llamacpp", "llamacpp", "t");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(llama("é", 12, 2)));
                String head = client.readHead();
                reroute(2);
                answers(small, "/apply-template", "{\"prompt\":\"<hi>\"}");
                answers(small, "/tokenize", "{\"tokens\":[1,2]}");
                try (Peer asks = small.accept()) {
                    asks.readBody(asks.readHead());
                    first.send(Peer.chunk(llama("ß", 14, 4)));
                    // The next piece comes to the gateway before the answer, on whatever connection.
                    gateway.awaitMetric("edistream_gateway_upstream_requests{upstream=\"a\"} 2.0");
                    String json = "{\"tokens\":[11,12]}";
                    asks.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + json.length() + "\r\n\r\n"
                            + json);
                }
                assertThat(goesOn(large, "two")).isEqualTo("[1,2,11,12]");
                assertThat(text(new String(client.readBody(head), UTF_8), 0)).isEqualTo("étwo");
            }
        }
    }

    /** A tokenizer that is silent holds nothing up for more tokens than a place to cut is looked for. */
    @Test
    void theAnswerDoesNotWaitForLong() throws Exception {
        try (GatewayFixture gateway = gateway("llamacpp", "llamacpp", "t");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED.replace("20", "1000"));
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(llama("one", 11, 1)));
                String head = client.readHead();
                reroute(1);
                try (Peer asks = small.accept()) {
                    asks.readBody(asks.readHead());
                    for (int count = 2; count <= 1 + Handover.MAX_TOKENS_TO_CUT; count++) {
                        first.send(Peer.chunk(llama("x", 12, count)));
                    }
                    first.send(Peer.chunk(llama("x", 12, 2 + Handover.MAX_TOKENS_TO_CUT)));
                    watched.published.untilTokens(2 + Handover.MAX_TOKENS_TO_CUT);
                }
                first.send(Peer.chunk(ChatEvents.finish(0, "stop")) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                assertThat(text(new String(client.readBody(head), UTF_8), 0))
                        .isEqualTo("one" + "x".repeat(1 + Handover.MAX_TOKENS_TO_CUT));
            }
        }
    }

    /** The second time all ids are known: those of the prompt, of the first engine's tokens and of the second's. */
    @Test
    void itMayGoOnTwice() throws Exception {
        try (GatewayFixture gateway = new GatewayFixture(
                        folder,
                        yaml("llamacpp", "llamacpp", "t", "t", 2)
                                .replace("model: big}]}", "model: big}], reroutes: 2}"),
                        watched.watch);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(llama("one", 11, 1)));
                String head = client.readHead();
                reroute(1);
                answers(small, "/apply-template", "{\"prompt\":\"<hi>\"}");
                answers(small, "/tokenize", "{\"tokens\":[1,2]}");
                try (Peer second = large.asked()) {
                    second.send(STREAM + Peer.chunk(completionOfLlama("two", 12)));
                    watched.published.untilTokens(2);
                    watched.commands.send(Aborts.reroute(1, 0, "small"));
                    watched.untilOutcomes(2);
                    assertThat(watched.outcomes.recorded().get(1).kind()).isEqualTo(OutcomeKind.APPLIED);
                    assertThat(goesOn(small, "three")).isEqualTo("[1,2,11,12]");
                    assertThat(text(new String(client.readBody(head), UTF_8), 0))
                            .isEqualTo("onetwothree");
                }
            }
        }
    }

    /** The same upstream with the same model needs no name for its tokenizer; its slot must be free first. */
    @Test
    void oneUpstreamUnderstandsItself() throws Exception {
        String yaml = "upstreams: [{name: a, url: '" + small.url() + "', kind: llamacpp}]\n"
                + "routes: [{model: small, upstreams: [{name: a, model: m}], reroutes: 1}, {model: large, upstreams:"
                + " [{name: a, model: m}]}]\n";
        try (GatewayFixture gateway = new GatewayFixture(folder, yaml, watched.watch);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(llama("one", 11, 1)));
                String head = client.readHead();
                reroute(1);
                answers(small, "/apply-template", "{\"prompt\":\"<hi>\"}");
                answers(small, "/tokenize", "{\"tokens\":[1,2]}");
                first.awaitClosed();
                assertThat(goesOn(small, "two")).isEqualTo("[1,2,11]");
                assertThat(text(new String(client.readBody(head), UTF_8), 0)).isEqualTo("onetwo");
            }
        }
    }

    /** What its tokenizer says is not believed where it does not fit what was seen: then the text goes on, as it would elsewhere. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"tokens\":[1,2,3]} |",
                "{\"tokens\":[1,-2]} |",
                "{\"tokens\":[\"a\",\"b\"]} |",
                "no JSON |",
                "{\"tokens\":[1,2]} | {\"tokens\":[12,14,15,16,17]}",
                "{\"tokens\":[1,2]} | {\"tokens\":[12,13,15,16,18]}",
                "{\"tokens\":[1,2]} | {\"tokens\":[13,15,16,17]}",
                "{\"tokens\":[1,2]} | {\"tokens\":[13,12,15,16,17]}",
                "{\"tokens\":[1,2]} | {\"tokens\":[12,13,15,16]}",
                "{\"tokens\":[1,2]} | {\"tokens\":[12,13,15,16,17,18]}",
                "{\"tokens\":[1,2]} | {\"tokens\":[]}",
            })
    void whatDoesNotFitIsNotBelieved(String prompt, @Nullable String holes) throws Exception {
        try (GatewayFixture gateway = gateway("llamacpp", "vllm", "t");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                first.send(STREAM
                        + Peer.chunk(llama("one", 11, 1))
                        + Peer.chunk(llama("é", 13, 3))
                        + Peer.chunk(llama("s", 14, 4))
                        + Peer.chunk(llama("ß", 17, 7)));
                String head = client.readHead();
                reroute(7);
                answers(small, "/apply-template", "{\"prompt\":\"<hi>\"}");
                answers(small, "/tokenize", prompt);
                if (holes != null) {
                    answers(small, "/tokenize", holes);
                }
                // Only an event between two words tells that the text may be cut; those before it flow on.
                first.send(Peer.chunk(llama("s", 14, 8)));
                Peer asks = null;
                for (int count = 9; asks == null; count++) {
                    first.send(Peer.chunk(llama(" on", 16, count)));
                    asks = large.poll();
                }
                try (Peer second = asks) {
                    String line = second.readHead();
                    JsonNode asked = MAPPER.readTree(second.readBody(line));
                    assertThat(line).startsWith("POST /v1/chat/completions HTTP");
                    assertThat(asked.at("/messages/1/content").asText()).startsWith("oneésßs");
                    second.send(STREAM + Peer.chunk(ChatEvents.token(0, " two"))
                            + Peer.chunk(ChatEvents.finish(0, "stop")) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                    assertThat(text(new String(client.readBody(head), UTF_8), 0))
                            .endsWith(" two");
                }
            }
            assertThat(watched.published
                            .untilEnds(2)
                            .starts()
                            .get(1)
                            .continues()
                            .method())
                    .isEqualTo(Method.BY_TEXT);
        }
    }

    /** Where ids mean something else, or lag behind, or are not told, the text goes on. */
    @ParameterizedTest
    @CsvSource({"t, u, '', [1]", "'', '', '', [1]", "t, t, stop, [1]", "t, t, '', null"})
    void elsewhereTheTextGoesOn(String tokenizer, String other, String stop, String prompt) throws Exception {
        try (GatewayFixture gateway = gateway("vllm", "vllm", tokenizer, other);
                Peer client = gateway.client()) {
            client.post(
                    "/v1/chat/completions",
                    stop.isEmpty() ? ASKED : ASKED.replace("\"max", "\"stop\":[\"" + stop + "\"],\"max"));
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(role(prompt)) + Peer.chunk(vllm("one", "11")));
                String head = client.readHead();
                reroute(1);
                first.send(Peer.chunk(vllm("s", "12")));
                watched.published.untilTokens(2);
                first.send(Peer.chunk(vllm(" kept", "13")));
                try (Peer second = large.accept()) {
                    assertThat(second.readHead()).startsWith("POST /v1/chat/completions HTTP");
                    second.send(STREAM + Peer.chunk(ChatEvents.token(0, " two"))
                            + Peer.chunk(ChatEvents.finish(0, "stop")) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                    assertThat(text(new String(client.readBody(head), UTF_8), 0))
                            .isEqualTo("ones two");
                }
            }
        }
    }

    /** vLLM has the numbers of tokens in an event of their own, llama.cpp in the one that finishes. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAnswerInOnePieceHasOneForm(boolean finishHasNumbers) throws Exception {
        try (GatewayFixture gateway = gateway("vllm", "vllm", "t");
                Peer client = gateway.client()) {
            // What is not known to come in parts is asked for in one piece.
            client.post(
                    "/v1/chat/completions",
                    ASKED.replace("\"stream\":true,", "").replace("\"chat_template_kwargs\":{},", ""));
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(role("[1,2]")) + Peer.chunk(vllm("one", "11")));
                reroute(1);
                String end = finishHasNumbers
                        ? Peer.chunk(ending().replace("]}\n", "]," + NUMBERS + "}\n"))
                        : Peer.chunk(ending()) + Peer.chunk(used());
                assertThat(goesOn(large, "two", end)).isEqualTo("[1,2,11]");
                JsonNode body = MAPPER.readTree(client.readBody(client.readHead()));
                assertThat(body.at("/object").asText()).isEqualTo("chat.completion");
                assertThat(body.at("/choices/0/message/content").asText()).isEqualTo("onetwo");
                assertThat(body.at("/choices/0").has("text")).isFalse();
                assertThat(body.at("/usage").toString())
                        // What the second had in its cache is no part of the client's prompt alone, and of the first
                        // nothing is known.
                        .isEqualTo("{\"prompt_tokens\":2,\"completion_tokens\":2,\"total_tokens\":4}");
                assertThat(body.at("/edistream/rerouted")).hasSize(1);
                assertThat(body.at("/edistream/usage/0/upstream").asText()).isEqualTo("a");
                assertThat(body.at("/edistream/usage/1/completion_tokens").asInt())
                        .isEqualTo(1);
            }
        }
    }

    /** Commands the first sequence away once it has so many tokens; when this returns the loop knows of it. */
    private void reroute(int tokens) throws InterruptedException {
        watched.published.untilTokens(tokens);
        watched.commands.send(Aborts.reroute(0, 0, "large"));
        watched.untilOutcomes(1);
    }

    /** Goes on with an answer to its end, and returns the prompt that it was asked with. */
    private static String goesOn(RawUpstream engine, String text) throws IOException {
        return goesOn(engine, text, Peer.chunk(ending()) + Peer.chunk(used()));
    }

    private static String goesOn(RawUpstream engine, String text, String end) throws IOException {
        try (Peer second = engine.accept()) {
            String line = second.readHead();
            JsonNode asked = MAPPER.readTree(second.readBody(line));
            assertThat(line).startsWith("POST /v1/completions HTTP");
            second.send(
                    STREAM + Peer.chunk(completion(text, "21")) + end + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
            return asked.get("prompt").toString();
        }
    }

    /** Answers a question of the gateway itself, and returns what it was. */
    private static JsonNode answers(RawUpstream engine, String path, String json) throws IOException {
        try (Peer asks = engine.accept()) {
            String head = asks.readHead();
            JsonNode question = MAPPER.readTree(asks.readBody(head));
            assertThat(head).startsWith("POST " + path + " HTTP");
            asks.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                    + json.length() + "\r\n\r\n" + json);
            return question;
        }
    }

    private static String role(String promptIds) {
        return ChatEvents.role(0).replace("}]}", "}],\"prompt_token_ids\":" + promptIds + "}");
    }

    private static String vllm(String text, String id) {
        return ChatEvents.token(0, text)
                .replace("\"finish_reason\":null", "\"finish_reason\":null,\"token_ids\":[" + id + "]");
    }

    /** @param predicted tokens so far */
    private static String llama(String text, int id, int predicted) {
        return ChatEvents.token(0, text)
                .replaceFirst("\\{\"token\"", "{\"id\":" + id + ",\"token\"")
                .replace(
                        "}]}\n\n",
                        "}],\"timings\":{\"prompt_n\":2,\"cache_n\":0,\"predicted_n\":" + predicted + "}}\n\n");
    }

    private static String completion(String text, String id) {
        return "data: {\"id\":\"c2\",\"object\":\"text_completion\",\"created\":2,\"model\":\"big\",\"choices\":[{\"index\":0,"
                + "\"text\":\"" + text + "\",\"logprobs\":null,\"finish_reason\":null,\"token_ids\":[" + id
                + "]}]}\n\n";
    }

    private static String completionOfLlama(String text, int id) {
        return "data: {\"id\":\"c2\",\"object\":\"text_completion\",\"created\":2,\"model\":\"big\",\"choices\":[{\"index\":0,"
                + "\"text\":\"" + text + "\","
                + ChatEvents.LISTS.formatted(text).replaceFirst("\\{\"token\"", "{\"id\":" + id + ",\"token\"")
                + ",\"finish_reason\":null}],\"timings\":{\"prompt_n\":1,\"cache_n\":2,\"predicted_n\":1}}\n\n";
    }

    private static String ending() {
        return "data: {\"id\":\"c2\",\"object\":\"text_completion\",\"created\":2,\"model\":\"big\",\"choices\":[{\"index\":0,"
                + "\"text\":\"\",\"logprobs\":null,\"finish_reason\":\"length\"}]}\n\n";
    }

    private static String used() {
        return "data: {\"id\":\"c2\",\"object\":\"text_completion\",\"created\":2,\"model\":\"big\",\"choices\":[],"
                + NUMBERS + "}\n\n";
    }

    private GatewayFixture gateway(String from, String to, String tokenizer) throws Exception {
        return gateway(from, to, tokenizer, tokenizer);
    }

    private GatewayFixture gateway(String from, String to, String tokenizer, String other) throws Exception {
        return new GatewayFixture(folder, yaml(from, to, tokenizer, other, 1), watched.watch);
    }

    private String yaml(String from, String to, String tokenizer, String other, int reroutes) {
        return "upstreams: [{name: a, url: '" + small.url() + "', kind: " + from + named(tokenizer)
                + "}, {name: b, url: '" + large.url() + "', kind: " + to + named(other) + "}]\n"
                + "routes: [{model: small, upstreams: [{name: a}], reroutes: " + reroutes
                + "}, {model: large, upstreams: [{name: b, model: big}]}]\n";
    }

    private static String named(String tokenizer) {
        return tokenizer.isEmpty() ? "" : ", tokenizer: " + tokenizer;
    }
}
