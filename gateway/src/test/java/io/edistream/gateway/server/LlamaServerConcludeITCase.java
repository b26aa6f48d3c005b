package io.edistream.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.gateway.watch.Aborts;
import io.edistream.sequences.Continuation;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Phase;
import io.edistream.sequences.UnmeasuredReason;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.event.TokenRun;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The reasoning of a llama-server, which {@code gateway/real-engine} starts with a template that opens a tag, is ended. */
@Timeout(120)
@EnabledIfSystemProperty(
        named = LlamaServerConcludeITCase.URL,
        matches = ".+",
        disabledReason = "gateway/real-engine starts a llama-server")
class LlamaServerConcludeITCase {

    /** Its address. */
    static final String URL = "edistream.reasoning-llama-server";

    private static final int TOKENS = 80;
    private static final String ASKED =
            "{\"model\":\"m\",\"stream\":true,\"temperature\":0,\"ignore_eos\":true,\"max_tokens\":" + TOKENS
                    + ",\"stream_options\":{\"include_usage\":true},"
                    + "\"messages\":[{\"role\":\"user\",\"content\":\"Tell me a long story about a dragon.\"}]}";

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final WatchFixture watched = new WatchFixture(1);

    @AfterEach
    void close() {
        watched.close();
    }

    @Test
    void itEndsItsReasoningInTheSameStream() throws Exception {
        List<JsonNode> events = concluded("conclude: engine");
        StepEvents all = watched.published.untilEnds(1);
        assertThat(all.ends()).singleElement().satisfies(end -> {
            assertThat(end.reason()).isEqualTo(EndReason.LENGTH);
            assertThat(end.tokens()).isEqualTo(TOKENS);
        });
        assertThat(completionTokens(events)).isEqualTo(TOKENS);
        List<DecodedToken> tokens =
                all.runs().stream().map(TokenRun::tokens).flatMap(List::stream).toList();
        List<DecodedToken> forced = tokens.stream().filter(DecodedToken::forced).toList();
        // "</think>" has three tokens in this vocabulary.
        assertThat(forced).hasSizeBetween(3, 8).allMatch(token -> token.unmeasured() == UnmeasuredReason.FORCED);
        int first = tokens.indexOf(forced.get(0));
        assertThat(tokens.subList(1, first)).allMatch(token -> token.phase() == Phase.THINKING);
        assertThat(tokens.subList(first + forced.size(), TOKENS)).allMatch(token -> token.phase() == Phase.ANSWERING);
        assertThat(notice(events).get("token").asInt()).isEqualTo(first + forced.size());
    }

    /** Its reasoning comes apart from its text, so that only ids say what it has said. */
    @Test
    void itGoesOnBehindATextThatEndsIt() throws Exception {
        List<JsonNode> events = concluded("conclude: text, thinking: {open: <think>, close: </think>}");
        StepEvents all = watched.published.untilEnds(2);
        assertThat(all.ends()).extracting(end -> end.reason()).containsExactly(EndReason.CONCLUDED, EndReason.LENGTH);
        int kept = all.ends().get(0).tokens();
        assertThat(all.starts().get(1).continues())
                .isEqualTo(new Continuation(0, Continuation.Cause.CONCLUDE, Continuation.Method.BY_IDS, kept));
        assertThat(completionTokens(events)).isEqualTo(kept + all.ends().get(1).tokens());
        assertThat(notice(events).get("token").asInt()).isEqualTo(kept);
    }

    /** An answer that a command ends the reasoning of; each of its events. */
    private List<JsonNode> concluded(String how) throws Exception {
        String yaml = "upstreams: [{name: a, url: '" + System.getProperty(URL, "") + "', kind: llamacpp}]\n"
                + "routes: [{model: m, upstreams: [{name: a}], " + how + "}]\n";
        try (GatewayFixture gateway = new GatewayFixture(folder, yaml, watched.watch)) {
            CompletableFuture<HttpResponse<String>> answer = http.sendAsync(
                    HttpRequest.newBuilder(URI.create(gateway.url() + "/v1/chat/completions"))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(ASKED))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            watched.published.untilTokens(12);
            watched.commands.send(Aborts.conclude(0, 11, null));
            String got = answer.get().body();
            assertThat(got).endsWith("data: [DONE]\n\n").doesNotContain("</think>", "\"error\"");
            assertThat(ChatEvents.text(got, 0)).isNotBlank();
            assertThat(watched.outcomes.recorded())
                    .extracting(ControlOutcome::kind)
                    .containsExactly(OutcomeKind.APPLIED);
            return ChatEvents.events(got);
        }
    }

    private static JsonNode notice(List<JsonNode> events) {
        List<JsonNode> notices = events.stream()
                .map(event -> event.path("edistream"))
                .filter(said -> said.path("action").asText().equals("conclude"))
                .toList();
        assertThat(notices).hasSize(1);
        return notices.get(0);
    }

    private static int completionTokens(List<JsonNode> events) {
        return events.stream()
                .filter(event -> event.hasNonNull("usage"))
                .reduce((earlier, later) -> later)
                .orElseThrow()
                .at("/usage/completion_tokens")
                .asInt();
    }
}
