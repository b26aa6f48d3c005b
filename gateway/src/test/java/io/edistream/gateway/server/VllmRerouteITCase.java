package io.edistream.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.gateway.watch.Aborts;
import io.edistream.sequences.Continuation;
import io.edistream.sequences.Continuation.Cause;
import io.edistream.sequences.Continuation.Method;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.event.StepEvents;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Greedy answers of a vLLM that {@code gateway/vllm} starts go on with another request to it, as if it were another one, and are what they
 * are where nothing moves them: id by id where ids were given, as far as the text that was given where it was a text.
 */
@Timeout(300)
@EnabledIfSystemProperty(named = VllmITCase.URL, matches = ".+", disabledReason = "gateway/vllm starts a vLLM")
class VllmRerouteITCase {

    private static final int VOCABULARY = 49_152;
    private static final String GREEDY = ",\"model\":\"smollm2\",\"temperature\":0,\"seed\":1,\"stream\":true,"
            + "\"stream_options\":{\"include_usage\":true}";
    /** Paths and requests. */
    private static final String CHAT = "/v1/chat/completions | \"max_tokens\":60,\"messages\":[{\"role\":\"user\","
            + "\"content\":\"Tell me a long story about a dragon.\"}]";

    private static final String COMPLETION =
            "/v1/completions | \"max_tokens\":60,\"prompt\":\"Once upon a time there was a dragon who\"";

    @TempDir
    private Path folder;

    /** Without an offer of HTTP/2, which its server takes for a broken request. */
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** An answer, and what was published of it. */
    private record Answer(String stream, StepEvents published) {

        String text() throws IOException {
            return ChatEvents.text(stream, 0);
        }

        List<List<Integer>> usages() throws IOException {
            return ChatEvents.usages(stream);
        }

        List<String> finishes() throws IOException {
            return ChatEvents.events(stream).stream()
                    .map(event -> event.at("/choices/0/finish_reason").asText(""))
                    .filter(finish -> !finish.isEmpty() && !finish.equals("null"))
                    .toList();
        }

        List<Integer> ids(long sequence) {
            return WatchFixture.ids(published, sequence);
        }

        Continuation continued() {
            return published.starts().get(1).continues();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                CHAT,
                "/v1/chat/completions | \"max_tokens\":60,\"messages\":[{\"role\":\"user\",\"content\":\"List ten emoji.\"}]",
                "/v1/completions | \"max_tokens\":60,\"prompt\":" + "\"春眠不觉晓，处处闻啼鸟。春眠不觉晓，处处闻啼鸟。春眠不觉晓，处处闻啼鸟。春眠不觉晓，\"",
                "/v1/completions | \"max_tokens\":60,\"prompt\":\"The months of the year are January, February, March,\""
            })
    void itIsWhatItIsUncut(String path, String request) throws Exception {
        Answer uncut = answer(path, request, 0, null);
        List<Integer> all = uncut.ids(0);
        assertThat(all).hasSizeGreaterThan(20).allMatch(id -> id >= 0);
        for (int at = 1; at < all.size() - 10; at += 5) {
            Answer moved = answer(path, request, at, Aborts.reroute(0, at - 1, "large"));
            int shared = moved.continued().sharedTokens();
            // As long as a first character is not whole, its client has nothing.
            assertThat(moved.continued().method()).isEqualTo(shared == 0 ? Method.FROM_PROMPT : Method.BY_IDS);
            assertThat(shared).isGreaterThanOrEqualTo(at > 5 ? at : 0);
            List<Integer> ids = new ArrayList<>(moved.ids(0).subList(0, shared));
            assertThat(moved.ids(0).size()).as("tokens that are kept").isLessThanOrEqualTo(Math.max(shared, at + 4));
            ids.addAll(moved.ids(1));
            assertThat(ids).as("moved behind %d tokens", shared).isEqualTo(all);
            assertThat(moved.text()).isEqualTo(uncut.text());
            assertThat(moved.usages()).isEqualTo(uncut.usages());
            assertThat(moved.finishes()).isEqualTo(uncut.finishes());
        }
    }

    /** Of another vocabulary for all that the gateway knows. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {CHAT, COMPLETION})
    void itGoesOnFromAText(String path, String request) throws Exception {
        Answer uncut = answer(path, request, 0, null);
        Answer moved = answer(path, request, 12, Aborts.reroute(0, 11, "stranger"));
        assertThat(moved.continued().method()).isEqualTo(Method.BY_TEXT);
        int shared = moved.continued().sharedTokens();
        assertThat(moved.ids(0)).isEqualTo(uncut.ids(0).subList(0, shared));
        String same = commonPrefix(moved.text(), uncut.text());
        assertThat(same.split("\\s+")).as("words that are the first engine's").hasSizeGreaterThan(5);
        assertThat(moved.finishes()).hasSize(1);
        assertThat(moved.usages())
                .containsExactly(List.of(
                        uncut.usages().get(0).get(0), shared + moved.ids(1).size()));
    }

    /** A text of the command's own, whose ids its tokenizer tells. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {CHAT, COMPLETION})
    void itGoesOnBehindATextThatIsForced(String path, String request) throws Exception {
        Answer concluded = answer(path, request, 12, Aborts.conclude(0, 11, "\n\nIn the end"));
        assertThat(concluded.continued().cause()).isEqualTo(Cause.CONCLUDE);
        assertThat(concluded.continued().method()).isEqualTo(Method.BY_IDS);
        int shared = concluded.continued().sharedTokens();
        assertThat(concluded.published().ends()).extracting(end -> end.reason()).startsWith(EndReason.CONCLUDED);
        assertThat(concluded.ids(0)).hasSize(shared);
        assertThat(concluded.text()).contains("\n\nIn the end").doesNotEndWith("In the end");
        assertThat(concluded.finishes()).hasSize(1);
        assertThat(concluded.stream()).contains("\"action\":\"conclude\"").doesNotContain("\"error\"");
    }

    private static String commonPrefix(String one, String other) {
        int length = 0;
        while (length < Math.min(one.length(), other.length()) && one.charAt(length) == other.charAt(length)) {
            length++;
        }
        return one.substring(0, length);
    }

    /**
     * An answer, to which a command comes.
     *
     * @param at tokens behind which it comes
     * @param command null for none
     */
    private Answer answer(String path, String request, int at, @Nullable ControlCommand command) throws Exception {
        try (WatchFixture watched = new WatchFixture(1);
                GatewayFixture gateway = gateway(watched)) {
            CompletableFuture<HttpResponse<String>> answer = http.sendAsync(
                    HttpRequest.newBuilder(URI.create(gateway.url() + path))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString("{" + request + GREEDY + "}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (command != null) {
                watched.published.untilTokens(at);
                watched.commands.send(command);
            }
            HttpResponse<String> got = answer.get();
            assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
            assertThat(got.body()).endsWith("data: [DONE]\n\n");
            assertThat(watched.outcomes.recorded())
                    .extracting(ControlOutcome::kind)
                    .containsExactlyElementsOf(command == null ? List.of() : List.of(OutcomeKind.APPLIED));
            return new Answer(got.body(), watched.published.untilEnds(command == null ? 1 : 2));
        }
    }

    private GatewayFixture gateway(WatchFixture watched) throws Exception {
        return new GatewayFixture(
                folder,
                "upstreams: [" + upstream("a", ", tokenizer: smollm2") + ", " + upstream("b", ", tokenizer: smollm2")
                        + ", "
                        + upstream("c", "") + "]\n"
                        + "routes: [{model: smollm2, upstreams: [{name: a}], reroutes: 1, conclude: text},"
                        + " {model: large, upstreams: [{name: b, model: smollm2}]},"
                        + " {model: stranger, upstreams: [{name: c, model: smollm2}]}]\n",
                watched.watch);
    }

    private static String upstream(String name, String more) {
        return "{name: " + name + ", url: '" + System.getProperty(VllmITCase.URL, "") + "', kind: vllm, vocabulary: "
                + VOCABULARY + more + "}";
    }
}
