package io.edistream.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.check.Finding;
import io.edistream.gateway.check.UpstreamCheck;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.watch.Aborts;
import io.edistream.gateway.watch.Published;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.Effect;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.UnmeasuredReason;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.LocalControlInbox;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.event.TokenRun;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The gateway in front of a vLLM that {@code gateway/vllm} starts. */
@Timeout(180)
@EnabledIfSystemProperty(named = VllmITCase.URL, matches = ".+", disabledReason = "gateway/vllm starts a vLLM")
class VllmITCase {

    /** Its address. */
    static final String URL = "edistream.vllm";

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int VOCABULARY = 49_152;
    private static final String GREEDY = ",\"temperature\":0,\"seed\":1,\"max_tokens\":24";
    private static final String CHAT =
            "\"model\":\"smollm2\",\"messages\":[{\"role\":\"user\",\"content\":\"Name three animals.\"}]" + GREEDY;

    /** Of a greedy one it refuses two. */
    private static final String SEEDED =
            "\"model\":\"smollm2\",\"messages\":[{\"role\":\"user\",\"content\":\"Name three"
                    + " animals.\"}],\"temperature\":0.7,\"seed\":1,\"max_tokens\":24";

    private static final String TEXT = "\"model\":\"smollm2\",\"prompt\":\"The capital of France is\"" + GREEDY;
    private static final String TOOLS = ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
            + "\"description\":\"d\",\"parameters\":{\"type\":\"object\",\"properties\":{}}}}]";

    @TempDir
    private Path folder;

    private final String engine = System.getProperty(URL, "");
    /** Without an offer of HTTP/2, which its server takes for a broken request. */
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final WatchFixture watched = new WatchFixture(1);
    private final Published published = watched.published;
    private final RecordingOutcomePublisher outcomes = watched.outcomes;
    private final LocalControlInbox commands = watched.commands;
    private GatewayFixture gateway;

    @BeforeEach
    void open() throws Exception {
        gateway = new GatewayFixture(
                folder,
                "upstreams: [{name: vllm, url: '" + engine + "', kind: vllm, vocabulary: " + VOCABULARY + "}]",
                watched.watch);
    }

    @AfterEach
    void close() {
        gateway.close();
        watched.close();
    }

    @Test
    void theCheckFindsNothingWrong() throws Exception {
        List<Finding> found = UpstreamCheck.of(new Upstream(
                "vllm", URI.create(engine), UpstreamKind.VLLM, List.of(), null, null, VOCABULARY, null, 20, false, 4));
        assertThat(found).noneMatch(Finding::wrong);
    }

    /** What a client reads of a stream is equal, token counts are the engine's own, and every token has bounds and an id. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/chat/completions {\"stream\":true," + CHAT + "}",
                "/v1/chat/completions {\"stream\":true,\"n\":2," + SEEDED + "}",
                "/v1/chat/completions {\"stream\":true," + CHAT + TOOLS + "}",
                "/v1/chat/completions {\"stream\":true,\"stream_options\":{\"include_usage\":true}," + CHAT + "}",
                "/v1/chat/completions {\"stream\":true,\"logprobs\":true,\"top_logprobs\":2," + CHAT + "}",
                "/v1/completions {\"stream\":true," + TEXT + "}"
            })
    void aStreamIsWhatItIsDirectly(String request) throws Exception {
        String path = request.substring(0, request.indexOf(' '));
        String body = request.substring(request.indexOf(' ') + 1);
        String direct = post(engine, path, body);
        String through = post(gateway.url(), path, body);
        int choices = body.contains("\"n\":2") ? 2 : 1;
        for (int choice = 0; choice < choices; choice++) {
            assertThat(read(through, choice)).isEqualTo(read(direct, choice));
        }
        assertThat(through.contains("\"usage\":{")).isEqualTo(direct.contains("\"usage\":{"));
        assertThat(through.contains("\"top_logprobs\"")).isEqualTo(direct.contains("\"top_logprobs\""));
        assertThat(through).endsWith("data: [DONE]\n\n");
        StepEvents all = published.untilEnds(choices);
        List<DecodedToken> tokens =
                all.runs().stream().map(TokenRun::tokens).flatMap(List::stream).toList();
        assertThat(tokens).hasSizeGreaterThan(10);
        if (!body.contains("top_logprobs")) {
            assertThat(tokens).allSatisfy(token -> {
                // A token beyond the list takes the place of the last one in it: then there is no confidence.
                assertThat(token.unmeasured())
                        .isIn(null, token.stats().rank() < 0 ? UnmeasuredReason.NOT_OFFERED : null);
                assertThat(token.stats().token()).isNotNegative();
                assertThat(token.stats().entropyNats())
                        .isBetween(0f, token.stats().upperBoundNats());
                assertThat(token.stats().upperBoundNats()).isLessThanOrEqualTo((float) Math.log(VOCABULARY) + 1e-3f);
            });
        }
    }

    /** It is put together from a stream; members that are null in the engine's own body are missing from ours. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/chat/completions {" + CHAT + "}",
                "/v1/chat/completions {\"n\":2," + SEEDED + "}",
                "/v1/chat/completions {" + CHAT + TOOLS + "}",
                "/v1/completions {" + TEXT + "}"
            })
    void anAnswerInOnePieceIsWhatItIsDirectly(String request) throws Exception {
        String path = request.substring(0, request.indexOf(' '));
        String body = request.substring(request.indexOf(' ') + 1);
        JsonNode direct = withoutChance(MAPPER.readTree(post(engine, path, body)));
        JsonNode through = withoutChance(MAPPER.readTree(post(gateway.url(), path, body)));
        assertThat(through).isEqualTo(direct);
        assertThat(published.untilEnds(direct.at("/choices").size()).tokens()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCommandEndsTheAnswerAndTheEngine(boolean streams) throws Exception {
        String body = "{\"model\":\"smollm2\",\"stream\":" + streams
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Count to a thousand.\"}],\"temperature\":1,\"max_tokens\":1000";
        // In one piece only what is known goes as a stream.
        String asked = body + (streams ? ",\"ignore_eos\":true}" : ",\"logit_bias\":{\"2\":-100}}");
        CompletableFuture<HttpResponse<String>> answer = http.sendAsync(
                request(gateway.url(), "/v1/chat/completions", asked), HttpResponse.BodyHandlers.ofString());
        published.untilTokens(8);
        commands.send(Aborts.of(0, 7));
        assertThat(answer.get().body()).contains("\"action\":\"abort\"");
        assertThat(published.untilEnds(1).ends().get(0).reason()).isEqualTo(EndReason.ABORTED);
        assertThat(outcomes.recorded()).extracting(ControlOutcome::effect).containsExactly(Effect.STOPPED);
        while (running() > 0) {
            // The test's time is the limit.
            Thread.onSpinWait();
        }
    }

    private double running() throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create(engine + "/metrics")).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith("vllm:num_requests_running{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static JsonNode withoutChance(JsonNode body) {
        ((ObjectNode) body).remove(List.of("id", "created", "system_fingerprint"));
        for (JsonNode choice : body.at("/choices")) {
            for (JsonNode call : choice.at("/message/tool_calls")) {
                ((ObjectNode) call).remove("id");
            }
        }
        return withoutNothing(body);
    }

    private static JsonNode withoutNothing(JsonNode node) {
        if (node instanceof ObjectNode object) {
            List<String> nothing = new ArrayList<>();
            object.properties().forEach(member -> {
                JsonNode value = withoutNothing(member.getValue());
                if (value.isNull() || (value.isContainerNode() && value.isEmpty())) {
                    nothing.add(member.getKey());
                }
            });
            object.remove(nothing);
        } else {
            node.forEach(VllmITCase::withoutNothing);
        }
        return node;
    }

    /** Text, calls and finish of one choice. */
    private static String read(String stream, int choice) throws IOException {
        StringBuilder text = new StringBuilder();
        for (JsonNode event : ChatEvents.events(stream)) {
            for (JsonNode one : event.path("choices")) {
                if (one.path("index").asInt() == choice) {
                    text.append(one.at("/delta/content").asText(""))
                            .append(one.path("text").asText(""))
                            .append(one.at("/delta/tool_calls/0/function/name").asText(""))
                            .append(one.at("/delta/tool_calls/0/function/arguments")
                                    .asText(""))
                            .append(one.path("finish_reason").asText(""));
                }
            }
        }
        return text.toString();
    }

    private String post(String base, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request(base, path, body), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private static HttpRequest request(String base, String path, String body) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }
}
