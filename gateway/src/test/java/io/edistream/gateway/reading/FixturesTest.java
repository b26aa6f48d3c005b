package io.edistream.gateway.reading;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Endpoint;
import io.edistream.sequences.DecodedToken;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams of engines, read whole and in pieces. */
@Timeout(120)
class FixturesTest {

    private static final Map<String, UpstreamKind> KINDS = Map.of(
            "g02", UpstreamKind.VLLM,
            "g04", UpstreamKind.LLAMACPP,
            "g05", UpstreamKind.LLAMACPP,
            "g06", UpstreamKind.LLAMACPP,
            "g19", UpstreamKind.LMDEPLOY);

    @ParameterizedTest
    @MethodSource("io.edistream.gateway.reading.Fixtures#made")
    void whatPublicReportsSawIsRead(String name) {
        byte[] bytes = Fixtures.bytes(name);
        assertExpected(name, Fixtures.events(bytes));
        assertExpected(name, Fixtures.events(bytes, Fixtures.everywhere(bytes)));
        Random random = new Random(3);
        for (int round = 0; round < 50; round++) {
            assertExpected(name, Fixtures.events(bytes, Fixtures.somewhere(bytes, random)));
        }
    }

    private static void assertExpected(String name, List<ServerSentEvent> events) {
        JsonNode expected = Fixtures.expected(name);
        ReadingOptions options =
                options(name, Additions.NONE, expected.get("vocabulary").asInt());
        Reading reading = new Reading(options, events);

        expected.get("choices").properties().forEach(choice -> {
            int index = Integer.parseInt(choice.getKey());
            assertTokens(choice.getValue().get("tokens"), reading.tokens.getOrDefault(index, List.of()));
            assertThat(reading.texts.get(index))
                    .isEqualTo(choice.getValue().get("text").asText());
            assertThat(reading.finishes.get(index))
                    .isEqualTo(choice.getValue().get("finish_reason").textValue());
        });
        assertThat(reading.tokens).hasSameSizeAs(expected.get("choices"));
        assertThat(reading.ending.outcome())
                .isEqualTo(
                        switch (expected.get("outcome").asText()) {
                            case "complete" -> Ending.Outcome.COMPLETE;
                            case "error" -> Ending.Outcome.ERROR;
                            default -> Ending.Outcome.CUT;
                        });
        int missing = expected.path("missing").asInt(0);
        assertThat(reading.ending.missing()).isEqualTo(missing == 0 ? Map.of() : Map.of(0, missing));
        assertThat(reading.ending.unplaced()).isZero();
    }

    private static void assertTokens(JsonNode expected, List<DecodedToken> tokens) {
        assertThat(tokens).hasSameSizeAs(expected);
        for (int i = 0; i < tokens.size(); i++) {
            JsonNode token = expected.get(i);
            var stats = tokens.get(i).stats();
            assertThat(Float.isNaN(stats.entropyNats()))
                    .isEqualTo(!token.get("measured").asBoolean());
            assertThat(Float.isNaN(stats.logProbability()))
                    .isEqualTo(token.get("logprob").isNull());
            if (token.get("measured").asBoolean()) {
                assertThat((double) stats.entropyNats())
                        .isCloseTo(token.get("lower").asDouble(), within(1e-6));
                assertThat((double) stats.upperBoundNats())
                        .isCloseTo(token.get("upper").asDouble(), within(1e-6));
                assertThat((double) stats.restMass())
                        .isCloseTo(Math.max(0, 1 - token.get("mass").asDouble()), within(1e-6));
            }
            if (!token.get("logprob").isNull()) {
                assertThat(stats.logProbability())
                        .isEqualTo((float) token.get("logprob").asDouble());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.edistream.gateway.reading.Fixtures#all")
    void whatWeDidNotAskForPassesByteByByte(String name) {
        byte[] bytes = Fixtures.bytes(name);
        Reading reading = new Reading(options(name, Additions.NONE, 49152), Fixtures.events(bytes));
        if (name.startsWith("g12")) {
            // Its last event has no end.
            assertThat(new String(bytes, UTF_8)).startsWith(reading.text());
        } else {
            assertThat(reading.forwarded).isEqualTo(bytes);
            assertThat(reading.unread).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.edistream.gateway.reading.Fixtures#captured")
    void everyTokenOfACaptureIsThereOrMissing(String name) {
        byte[] bytes = Fixtures.bytes(name);
        Reading reading = new Reading(options(name, Additions.NONE, 49152), Fixtures.events(bytes));
        Map<Integer, String> texts = new TreeMap<>();
        Map<Integer, Integer> ids = new TreeMap<>();
        int completion = -1;
        for (JsonNode chunk : chunks(bytes)) {
            for (JsonNode choice : chunk.path("choices")) {
                texts.merge(
                        choice.get("index").asInt(),
                        choice.path("delta").path("content").asText("").replace("null", "")
                                + choice.path("text").asText(""),
                        String::concat);
                ids.merge(choice.get("index").asInt(), choice.path("token_ids").size(), Integer::sum);
            }
            completion = chunk.path("usage").path("completion_tokens").asInt(completion);
        }
        assertThat(reading.texts).isEqualTo(texts);
        if (completion >= 0) {
            assertThat(reading.tokens.get(0).size() + reading.ending.missing().getOrDefault(0, 0))
                    .isEqualTo(completion);
        }
        if (ids.getOrDefault(0, 0) > 0) {
            assertThat(reading.tokens.get(0)).hasSize(ids.get(0)).allMatch(token -> token.id() >= 0);
        }
        if (name.startsWith("llama-chat") || name.startsWith("llama-cmpl")) {
            reading.tokens.values().forEach(tokens -> assertThat(tokens)
                    .allMatch(token ->
                            token.id() >= 0 && !Float.isNaN(token.stats().entropyNats())));
        }
        assertThat(reading.ending.outcome())
                .isEqualTo(
                        name.startsWith("vllm-e")
                                ? Ending.Outcome.ERROR
                                : name.startsWith("llama-native") ? Ending.Outcome.CUT : Ending.Outcome.COMPLETE);
    }

    /** Every event that goes on is what it was but for our members; one that does not has nothing but them. */
    @ParameterizedTest
    @MethodSource("io.edistream.gateway.reading.Fixtures#all")
    void onlyWhatWeAskedForIsCut(String name) throws IOException {
        byte[] bytes = Fixtures.bytes(name);
        List<ServerSentEvent> events = Fixtures.events(bytes);
        Reading reading = new Reading(options(name, Reading.ALL, 49152), events);
        Set<Integer> roles = new HashSet<>();
        for (int i = 0; i < events.size(); i++) {
            byte[] forwarded = reading.passages.get(i).bytes();
            List<JsonNode> before = chunks(events.get(i).bytes());
            if (before.isEmpty()) {
                if (events.get(i).isTerminated()) {
                    assertThat(forwarded).isEqualTo(events.get(i).bytes());
                }
                continue;
            }
            JsonNode original = before.get(0);
            if (forwarded == null) {
                assertNothingLeft(original, roles);
            } else {
                JsonNode left = chunks(forwarded).get(0);
                assertThat(withoutOurs(left)).isEqualTo(withoutOurs(original));
                assertThat(left.path("choices").findPath("top_logprobs").isMissingNode())
                        .isTrue();
                assertThat(left.findPath("token_ids").isArray()).isFalse();
                assertThat(left.findPath("prompt_token_ids").isArray()).isFalse();
            }
            original.path("choices").forEach(choice -> {
                if (choice.path("delta").has("role")) {
                    roles.add(choice.get("index").asInt());
                }
            });
        }
        assertThat(reading.text()).contains(new String(bytes, UTF_8).contains("[DONE]") ? "[DONE]" : "");
    }

    private static void assertNothingLeft(JsonNode original, Set<Integer> roles) {
        for (JsonNode choice : withoutOurs(original).get("choices")) {
            JsonNode delta = choice.path("delta");
            assertThat(delta.path("content").asText("")).isIn("", "null");
            assertThat(choice.path("text").asText("")).isEmpty();
            assertThat(choice.path("finish_reason").isNull()).isTrue();
            assertThat(delta.has("role") && !roles.contains(choice.get("index").asInt()))
                    .isFalse();
        }
    }

    private static JsonNode withoutOurs(JsonNode chunk) {
        ObjectNode copy = chunk.deepCopy();
        copy.remove(List.of("usage", "timings", "prompt_token_ids"));
        if (copy.path("choices") instanceof ArrayNode choices) {
            choices.forEach(choice -> ((ObjectNode) choice).remove(List.of("logprobs", "token_ids")));
        }
        return copy;
    }

    private static List<JsonNode> chunks(byte[] bytes) {
        return Fixtures.events(bytes).stream()
                .filter(ServerSentEvent::hasData)
                .map(event -> {
                    String text = new String(event.data(), event.from(), event.to() - event.from(), UTF_8);
                    try {
                        return text.contains("[DONE]")
                                ? null
                                : Fixtures.MAPPER.readTree(text.replace("-Infinity", "null"));
                    } catch (IOException e) {
                        return null;
                    }
                })
                .filter(chunk -> chunk != null)
                .toList();
    }

    static ReadingOptions options(String name, Additions additions, int vocabulary) {
        UpstreamKind kind = name.startsWith("llama")
                ? UpstreamKind.LLAMACPP
                : name.startsWith("vllm")
                        ? UpstreamKind.VLLM
                        : KINDS.getOrDefault(name.substring(0, 3), UpstreamKind.OPENAI);
        Endpoint endpoint = name.contains("cmpl") ? Endpoint.COMPLETIONS : Endpoint.CHAT;
        return new ReadingOptions(kind, endpoint, additions, 20, vocabulary, null);
    }
}
