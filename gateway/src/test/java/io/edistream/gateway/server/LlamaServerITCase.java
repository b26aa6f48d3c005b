package io.edistream.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.watch.Aborts;
import io.edistream.gateway.watch.Published;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.Effect;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.LocalControlInbox;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.event.TokenRun;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The gateway in front of a llama-server that {@code gateway/real-engine} starts. */
@Timeout(120)
@EnabledIfSystemProperty(
        named = LlamaServerITCase.URL,
        matches = ".+",
        disabledReason = "gateway/real-engine starts a llama-server")
class LlamaServerITCase {

    /** Its address. */
    static final String URL = "edistream.llama-server";

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int VOCABULARY = 49_152;

    private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"Name three animals.\"}]";

    private static final String GREEDY = ",\"temperature\":0,\"seed\":1,\"max_tokens\":24";
    private static final String TOOLS = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
            + "\"description\":\"d\",\"parameters\":{\"type\":\"object\",\"properties\":{}}}}]";

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final String engine = System.getProperty(URL, "");
    private final WatchFixture watched = new WatchFixture(1);
    private final Published published = watched.published;
    private final RecordingOutcomePublisher outcomes = watched.outcomes;
    private final LocalControlInbox commands = watched.commands;
    private GatewayFixture gateway;

    @BeforeEach
    void open() throws Exception {
        gateway = new GatewayFixture(
                folder,
                "upstreams: [{name: llama, url: '" + engine + "', kind: llamacpp, vocabulary: " + VOCABULARY + "}]",
                watched.watch);
    }

    @AfterEach
    void close() {
        gateway.close();
        watched.close();
    }

    @Test
    void aChatIsWhatItIsDirectlyAndEveryTokenIsMeasuredOrHasAReason() throws Exception {
        String body = "{\"stream\":true," + MESSAGES + GREEDY + "}";
        String direct = post(engine, "/v1/chat/completions", body);
        String through = post(gateway.url(), "/v1/chat/completions", body);
        assertThat(text(through, "/choices/0/delta/content")).isEqualTo(text(direct, "/choices/0/delta/content"));
        assertThat(through).doesNotContain("logprobs").endsWith("data: [DONE]\n\n");
        JsonNode timings = lastWith(through, "timings");
        StepEvents all = published.untilEnds(1);
        assertThat(all.ends().get(0).tokens())
                .isEqualTo(timings.at("/timings/predicted_n").asInt());
        assertThat(measured(all)).allSatisfy(token -> {
            assertThat(token.stats().entropyNats()).isBetween(0f, token.stats().upperBoundNats());
            assertThat(token.stats().upperBoundNats()).isLessThanOrEqualTo((float) Math.log(VOCABULARY) + 1e-3f);
        });
        assertThat(measured(all).size()).isGreaterThanOrEqualTo(all.tokens() - 2);
    }

    @Test
    void aCompletionIsWhatItIsDirectly() throws Exception {
        String body = "{\"stream\":true,\"prompt\":\"The capital of France is\"" + GREEDY + "}";
        String direct = post(engine, "/v1/completions", body);
        String through = post(gateway.url(), "/v1/completions", body);
        assertThat(text(through, "/choices/0/text")).isEqualTo(text(direct, "/choices/0/text"));
        StepEvents all = published.untilEnds(1);
        assertThat(all.ends().get(0).tokens()).isEqualTo(24);
        assertThat(measured(all)).hasSizeGreaterThan(20);
    }

    /** It is put together from a stream. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/chat/completions {" + MESSAGES + GREEDY + "}",
                "/v1/chat/completions {" + MESSAGES + GREEDY + ",\"n\":2}",
                "/v1/chat/completions {" + MESSAGES + GREEDY + ",\"logprobs\":true,\"top_logprobs\":3}",
                "/v1/chat/completions {" + MESSAGES + GREEDY + "," + TOOLS + ",\"tool_choice\":\"required\"}",
                "/v1/chat/completions {" + MESSAGES + GREEDY + "," + TOOLS + "}",
                "/v1/completions {\"prompt\":\"The capital of France is\"" + GREEDY + "}"
            })
    void anAnswerInOnePieceIsWhatItIsDirectly(String request) throws Exception {
        String path = request.substring(0, request.indexOf(' '));
        String body = request.substring(request.indexOf(' ') + 1);
        JsonNode direct = withoutChance(MAPPER.readTree(post(engine, path, body)));
        JsonNode through = withoutChance(MAPPER.readTree(post(gateway.url(), path, body)));
        assertThat(through).isEqualTo(direct);
        int choices = direct.at("/choices").size();
        StepEvents all = published.untilEnds(choices);
        assertThat(all.ends()).hasSize(choices);
        assertThat(all.tokens()).isPositive();
    }

    /** Ids, times and speeds differ from call to call, as do numbers that depend on what the cache still held. */
    private static JsonNode withoutChance(JsonNode body) {
        for (String name : List.of("id", "created")) {
            assertThat(body.has(name)).isTrue();
            ((ObjectNode) body).remove(name);
        }
        JsonNode timings = ((ObjectNode) body).remove("timings");
        assertThat(timings.path("predicted_n").asInt()).isPositive();
        ((ObjectNode) body).set("members of timings", MAPPER.valueToTree(names(timings)));
        ((ObjectNode) body.at("/usage")).remove("prompt_tokens_details");
        for (JsonNode call : body.at("/choices/0/message/tool_calls")) {
            ((ObjectNode) call).remove("id");
        }
        for (JsonNode token : body.at("/choices/0/logprobs/content")) {
            ((ObjectNode) token).remove(List.of("logprob", "top_logprobs"));
        }
        return body;
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).sorted().toList();
    }

    @Test
    void anAnswerInOnePieceIsEndedWhileItRuns() throws Exception {
        String body = "{\"messages\":[{\"role\":\"user\",\"content\":\"Count to a thousand.\"}],"
                + "\"temperature\":1,\"ignore_eos\":true,\"max_tokens\":1000}";
        CompletableFuture<HttpResponse<String>> answer = http.sendAsync(
                request(gateway.url(), "/v1/chat/completions", body), HttpResponse.BodyHandlers.ofString());
        published.untilTokens(8);
        commands.send(Aborts.of(0, 7));
        JsonNode got = MAPPER.readTree(answer.get().body());
        assertThat(got.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        assertThat(got.at("/choices/0/message/content").asText()).isNotEmpty();
        assertThat(got.at("/edistream/ended/0/action").asText()).isEqualTo("abort");
        assertThat(outcomes.recorded()).extracting(ControlOutcome::effect).containsExactly(Effect.STOPPED);
        while (anySlotIsBusy()) {
            // The test's time is the limit.
            Thread.onSpinWait();
        }
    }

    @Test
    void toolsThatMayBeCalledDoNotKeepItFromMeasuring() throws Exception {
        String body = "{\"stream\":true," + MESSAGES + GREEDY + "," + TOOLS + "}";
        String direct = post(engine, "/v1/chat/completions", body);
        String through = post(gateway.url(), "/v1/chat/completions", body);
        assertThat(text(through, "/choices/0/delta/content")).isEqualTo(text(direct, "/choices/0/delta/content"));
        assertThat(published.untilEnds(1).tokens()).isPositive();
    }

    @Test
    void aCommandEndsTheAnswerAndFreesTheSlot() throws Exception {
        String body = "{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Count to a thousand.\"}],"
                + "\"temperature\":1,\"ignore_eos\":true,\"max_tokens\":1000}";
        CompletableFuture<HttpResponse<String>> answer = http.sendAsync(
                request(gateway.url(), "/v1/chat/completions", body), HttpResponse.BodyHandlers.ofString());
        published.untilTokens(8);
        commands.send(Aborts.of(0, 7));
        String got = answer.get().body();
        assertThat(got).endsWith("data: [DONE]\n\n").contains("\"action\":\"abort\"");
        StepEvents all = published.untilEnds(1);
        assertThat(all.ends().get(0).reason()).isEqualTo(EndReason.ABORTED);
        assertThat(all.ends().get(0).tokens()).isLessThan(200);
        assertThat(outcomes.recorded()).extracting(ControlOutcome::kind).containsExactly(OutcomeKind.APPLIED);
        while (anySlotIsBusy()) {
            // The test's time is the limit.
            Thread.onSpinWait();
        }
    }

    private boolean anySlotIsBusy() throws IOException, InterruptedException {
        String slots = http.send(
                        HttpRequest.newBuilder(URI.create(engine + "/slots")).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        for (JsonNode slot : MAPPER.readTree(slots)) {
            if (slot.path("is_processing").asBoolean()) {
                return true;
            }
        }
        return false;
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

    private static List<DecodedToken> measured(StepEvents all) {
        return all.runs().stream()
                .map(TokenRun::tokens)
                .flatMap(List::stream)
                .filter(token -> token.unmeasured() == null)
                .toList();
    }

    private static String text(String stream, String at) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line : stream.split("\n")) {
            if (line.startsWith("data: {")) {
                text.append(MAPPER.readTree(line.substring("data: ".length()))
                        .at(at)
                        .asText(""));
            }
        }
        return text.toString();
    }

    private static JsonNode lastWith(String stream, String member) throws IOException {
        JsonNode last = MAPPER.createObjectNode();
        for (String line : stream.split("\n")) {
            if (line.startsWith("data: {")) {
                JsonNode event = MAPPER.readTree(line.substring("data: ".length()));
                last = event.has(member) ? event : last;
            }
        }
        return last;
    }
}
