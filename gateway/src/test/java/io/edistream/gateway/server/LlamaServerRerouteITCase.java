package io.edistream.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.server.RelayedEngine.Exchanged;
import io.edistream.gateway.watch.Aborts;
import io.edistream.sequences.Continuation;
import io.edistream.sequences.Continuation.Method;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.event.StepEvents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Greedy answers that go on at another llama-server with the same weights are what they are where they stay, id by id, wherever they are
 * cut. {@code gateway/reroutes} starts the two. The first one's stream is recorded and played back, and held up at the event
 * behind which it is to be cut, so that every cut is where the test wants it; the second one really goes on.
 */
@Timeout(300)
@EnabledIfSystemProperty(
        named = LlamaServerRerouteITCase.OTHER_URL,
        matches = ".+",
        disabledReason = "gateway/reroutes starts two llama-servers")
class LlamaServerRerouteITCase {

    /** The second one's address. */
    static final String OTHER_URL = "edistream.other-llama-server";

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int VOCABULARY = 49_152;

    /** What is computed in another order may move a log-probability by so much: nearer ones may change places, nats. */
    private static final double NOISE_NATS = 0.25;

    private static final String GREEDY = ",\"model\":\"small\",\"temperature\":0,\"seed\":1,\"stream\":true,"
            + "\"stream_options\":{\"include_usage\":true}";

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private RelayedEngine first;
    private RelayedEngine second;

    /**
     * An answer that nothing moves.
     *
     * @param events of its engine
     * @param text that its client reads
     * @param usage that its client reads
     * @param promptIds tokens of its prompt
     * @param tokens all that its engine decoded
     */
    private record Uncut(
            String path,
            String body,
            List<String> events,
            String text,
            List<List<Integer>> usage,
            List<Integer> promptIds,
            List<Decoded> tokens) {}

    /**
     * A token.
     *
     * @param ahead how much more probable than the next best one, nats; NaN if its engine does not tell
     */
    private record Decoded(int id, double ahead) {}

    /**
     * What became of an answer that was to be moved.
     *
     * @param method how it went on; null if it did not
     * @param shared tokens that are the first engine's
     * @param differences from what it is uncut
     */
    private record Moved(@Nullable Method method, int shared, List<String> differences) {}

    @BeforeEach
    void open() throws IOException {
        first = new RelayedEngine(System.getProperty(LlamaServerITCase.URL, ""));
        second = new RelayedEngine(System.getProperty(OTHER_URL, ""));
    }

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    /**
     * A hundred cuts in all. Of the characters most are two or three tokens, and so is what waits for a stop string that may come: there
     * cuts lie between tokens of which the gateway knows nothing yet.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "words | 30 | /v1/chat/completions | \"max_tokens\":60,\"messages\":[{\"role\":\"user\","
                        + "\"content\":\"List the planets of the solar system.\"}]",
                "emoji | 25 | /v1/chat/completions | \"max_tokens\":90,\"messages\":[{\"role\":\"user\","
                        + "\"content\":\"List ten emoji.\"}]",
                "a stop string | 15 | /v1/chat/completions | \"max_tokens\":60,\"stop\":[\", November, December\"],"
                        + "\"messages\":[{\"role\":\"user\",\"content\":\"List the months of the year.\"}]",
                "characters | 20 | /v1/completions | \"max_tokens\":60,\"prompt\":"
                        + "\"春眠不觉晓，处处闻啼鸟。春眠不觉晓，处处闻啼鸟。春眠不觉晓，处处闻啼鸟。春眠不觉晓，处处闻啼鸟。春眠不觉晓，\"",
                "a stop string of a completion | 10 | /v1/completions | \"max_tokens\":60,\"stop\":[\", November\"],"
                        + "\"prompt\":\"The months of the year are January, February, March,\""
            })
    void itIsWhatItIsUncut(String name, int cuts, String path, String request) throws Exception {
        Uncut uncut = uncut(path, "{" + request + GREEDY + "}");
        List<Integer> places = places(uncut.events(), cuts);
        List<Moved> moved = new ArrayList<>();
        for (int place : places) {
            moved.add(moved(uncut, place));
        }
        long within = places.stream()
                .filter(place -> counted(uncut.events(), place + 1) > counted(uncut.events(), place) + 1)
                .count();
        List<Moved> equal =
                moved.stream().filter(each -> each.differences().isEmpty()).toList();
        System.out.printf(
                "%s: %d tokens, %d cuts, %d of them between tokens that come as one: moved %s, equal %s%n",
                name, uncut.tokens().size(), moved.size(), within, methods(moved), methods(equal));
        assertThat(moved).allSatisfy(each -> {
            assertThat(each.method()).isNotNull();
            assertThat(each.differences()).isEmpty();
        });
    }

    private static Map<String, Long> methods(List<Moved> moved) {
        return moved.stream()
                .collect(Collectors.groupingBy(
                        each -> String.valueOf(each.method()), TreeMap::new, Collectors.counting()));
    }

    private Uncut uncut(String path, String body) throws Exception {
        try (WatchFixture watched = new WatchFixture(1);
                GatewayFixture gateway = gateway(watched)) {
            String got = post(gateway.url() + path, body);
            Exchanged exchanged = first.exchanged();
            List<Integer> promptIds = promptIds(MAPPER.readTree(body));
            List<Decoded> tokens = tokens(promptIds, MAPPER.readTree(body));
            assertThat(differences(WatchFixture.ids(watched.published.untilEnds(1), 0), tokens))
                    .isEmpty();
            return new Uncut(
                    path, body, exchanged.events(), ChatEvents.text(got, 0), ChatEvents.usages(got), promptIds, tokens);
        }
    }

    /** Moves it behind an event. */
    private Moved moved(Uncut uncut, int event) throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        first.playBack(uncut.events(), event + 1, endOf(uncut.events()), goOn);
        try (WatchFixture watched = new WatchFixture(1);
                GatewayFixture gateway = gateway(watched)) {
            CompletableFuture<HttpResponse<String>> answer = http.sendAsync(
                    request(gateway.url() + uncut.path(), uncut.body()), HttpResponse.BodyHandlers.ofString());
            int known = counted(uncut.events(), event);
            watched.published.untilTokens(known);
            watched.commands.send(Aborts.reroute(0, known - 1, "large"));
            while (watched.outcomes.recorded().isEmpty()) {
                Thread.onSpinWait();
            }
            goOn.countDown();
            String got = answer.get().body();
            ControlOutcome outcome = watched.outcomes.recorded().get(0);
            if (outcome.kind() != OutcomeKind.APPLIED) {
                return new Moved(null, known, List.of(outcome.toString()));
            }
            StepEvents all = watched.published.untilEnds(2);
            boolean isMoved = all.ends().stream().anyMatch(end -> end.reason() == EndReason.REROUTED);
            if (!isMoved) {
                return new Moved(null, known, List.of("it stayed where it was"));
            }
            Continuation continued = all.starts().get(1).continues();
            int shared = continued.sharedTokens();
            List<Integer> ids = new ArrayList<>(WatchFixture.ids(all, 0).subList(0, shared));
            ids.addAll(WatchFixture.ids(all, 1));
            List<String> differences = new ArrayList<>(differences(ids, uncut.tokens()));
            List<Integer> given = promptIds(MAPPER.readTree(second.exchanged().body()));
            List<Integer> toGive = new ArrayList<>(uncut.promptIds());
            uncut.tokens().subList(0, shared).forEach(token -> toGive.add(token.id()));
            differs("it was given", given, toGive, differences);
            differs("the text", ChatEvents.text(got, 0), uncut.text(), differences);
            differs("the usage", ChatEvents.usages(got), uncut.usage(), differences);
            return new Moved(continued.method(), shared, differences);
        }
    }

    private static void differs(String what, Object is, Object uncut, List<String> differences) {
        if (!is.equals(uncut)) {
            differences.add(what + ": " + is + " instead of " + uncut);
        }
    }

    /** Where ids that are known are others; what the engine does not tell has the text to go by. */
    private static List<String> differences(List<Integer> ids, List<Decoded> tokens) {
        for (int i = 0; i < Math.min(ids.size(), tokens.size()); i++) {
            Decoded token = tokens.get(i);
            if (ids.get(i) >= 0 && ids.get(i) != token.id()) {
                return List.of("token %d: %d instead of %d, which was %.3f nats more probable than any other (%s)"
                        .formatted(
                                i,
                                ids.get(i),
                                token.id(),
                                token.ahead(),
                                token.ahead() > NOISE_NATS ? "no rounding" : "rounding may do that"));
            }
        }
        return ids.size() == tokens.size() ? List.of() : List.of(ids.size() + " tokens instead of " + tokens.size());
    }

    /** Events behind which there are tokens to come, evenly over the answer. */
    private static List<Integer> places(List<String> events, int count) {
        int all = counted(events, events.size() - 1);
        List<Integer> places = IntStream.range(0, events.size())
                .filter(event -> counted(events, event) > 0 && counted(events, event) < all)
                .filter(event -> counted(events, event) > counted(events, event - 1))
                .boxed()
                .toList();
        assertThat(places).as("events of a token").hasSizeGreaterThanOrEqualTo(count);
        return IntStream.range(0, count)
                .map(place -> place * places.size() / count)
                .mapToObj(places::get)
                .toList();
    }

    /** The first event with all tokens. */
    private static int endOf(List<String> events) {
        int all = counted(events, events.size() - 1);
        int end = 0;
        while (counted(events, end) < all) {
            end++;
        }
        return end;
    }

    /** Tokens that the engine had decoded when it sent an event. */
    private static int counted(List<String> events, int event) {
        for (int i = event; i >= 0; i--) {
            String data = events.get(i).substring("data: ".length());
            if (data.startsWith("{") && json(data).has("timings")) {
                return json(data).at("/timings/predicted_n").asInt();
            }
        }
        return 0;
    }

    /** What it decodes of a prompt, asked in its own form, which leaves nothing out. */
    private List<Decoded> tokens(List<Integer> prompt, JsonNode asked) throws IOException, InterruptedException {
        ObjectNode request = MAPPER.createObjectNode();
        request.set("prompt", MAPPER.valueToTree(prompt));
        request.put("n_predict", asked.path("max_tokens").asInt())
                .put("temperature", 0)
                .put("seed", 1)
                .put("n_probs", 2)
                .put("return_tokens", true);
        if (asked.has("stop")) {
            request.set("stop", asked.get("stop"));
        }
        JsonNode answer = MAPPER.readTree(post(first.url() + "/completion", request.toString()));
        List<Decoded> tokens = new ArrayList<>();
        int listed = 0;
        for (JsonNode token : answer.at("/tokens")) {
            // Of a character's tokens it lists the last one alone.
            JsonNode entry = answer.at("/completion_probabilities/" + listed);
            boolean isListed = entry.path("id").asInt(-1) == token.asInt();
            listed += isListed ? 1 : 0;
            JsonNode best = entry.path("top_logprobs");
            tokens.add(new Decoded(
                    token.asInt(),
                    isListed
                            ? best.at("/0/logprob").asDouble()
                                    - best.at("/1/logprob").asDouble()
                            : Double.NaN));
        }
        return tokens;
    }

    /** Tokens that a request gives the engine to go on from. */
    private List<Integer> promptIds(JsonNode asked) throws IOException, InterruptedException {
        JsonNode prompt = asked.get("prompt");
        if (prompt == null) {
            ObjectNode chat = MAPPER.createObjectNode();
            chat.set("messages", asked.get("messages"));
            prompt = MAPPER.readTree(post(first.url() + "/apply-template", chat.toString()))
                    .get("prompt");
        }
        if (prompt.isTextual()) {
            ObjectNode text = MAPPER.createObjectNode();
            text.put("content", prompt.asText()).put("add_special", true).put("parse_special", true);
            prompt = MAPPER.readTree(post(first.url() + "/tokenize", text.toString()))
                    .get("tokens");
        }
        List<Integer> ids = new ArrayList<>();
        prompt.forEach(id -> ids.add(id.asInt()));
        return ids;
    }

    private GatewayFixture gateway(WatchFixture watched) throws Exception {
        return new GatewayFixture(
                folder,
                "upstreams: [" + upstream("a", first) + ", " + upstream("b", second) + "]\n"
                        + "routes: [{model: small, upstreams: [{name: a}], reroutes: 1},"
                        + " {model: large, upstreams: [{name: b}]}]\n",
                watched.watch);
    }

    private static String upstream(String name, RelayedEngine engine) {
        return "{name: " + name + ", url: '" + engine.url() + "', kind: llamacpp, vocabulary: " + VOCABULARY
                + ", tokenizer: smollm2}";
    }

    private String post(String url, String body) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request(url, body), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private static HttpRequest request(String url, String body) {
        return HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
