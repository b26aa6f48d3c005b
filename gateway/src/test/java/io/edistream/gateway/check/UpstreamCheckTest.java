package io.edistream.gateway.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.edistream.gateway.config.Secret;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.config.UpstreamKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Engines that do what they should, and each thing that they should not. */
@Timeout(60)
class UpstreamCheckTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger running = new AtomicInteger();
    private final Set<InetSocketAddress> used = ConcurrentHashMap.newKeySet();
    private final Set<InetSocketAddress> usedTwice = ConcurrentHashMap.newKeySet();
    private HttpServer server;

    private boolean tempered;
    private boolean refuses;
    private boolean canConclude;
    private boolean goesOn;
    private boolean counts = true;
    private boolean beginsAnew;
    private int otherIds;
    private int most = 100;
    private int vocabulary;
    private String key = "";

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        context("/v1/models", exchange -> {
            boolean may = key.isEmpty()
                    || ("Bearer " + key).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            String meta = vocabulary == 0 ? "" : ",\"meta\":{\"n_vocab\":" + vocabulary + "}";
            answer(exchange, may ? 200 : 401, "{\"data\":[{\"id\":\"small\"" + meta + "}]}");
        });
        context("/metrics", exchange -> answer(exchange, 200, "vllm:num_requests_running " + running.get() + ".0\n"));
        context("/v1/chat/completions", this::chat);
        context(
                "/v1/chat/completions/control",
                exchange -> answer(exchange, canConclude ? 200 : 404, canConclude ? "{\"success\":false}" : "{}"));
        context("/v1/completions", this::complete);
        context("/apply-template", exchange -> answer(exchange, 200, "{\"prompt\":\"<p>\"}"));
        context("/tokenize", this::tokenize);
        server.start();
    }

    private void context(String path, HttpHandler handler) {
        server.createContext(path, exchange -> {
            if (!used.add(exchange.getRemoteAddress())) {
                usedTwice.add(exchange.getRemoteAddress());
            }
            handler.handle(exchange);
        });
    }

    @AfterEach
    void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void ofOneThatIsWellNothingIsWrong() throws Exception {
        vocabulary = 1000;
        List<Finding> found = check(UpstreamKind.VLLM, List.of("small"), 1000, null);
        assertThat(found).noneMatch(Finding::wrong);
        assertThat(said(found, "reached")).contains("models small");
        assertThat(said(found, "vocabulary")).isEqualTo("1000 tokens, as configured");
        assertThat(said(found, "stream"))
                .startsWith("24 tokens, the first after ")
                .endsWith("24 have an entropy");
        assertThat(said(found, "lists")).isEqualTo("20 asked for, 20 came");
        assertThat(said(found, "entropy")).startsWith("raw: ");
        assertThat(said(found, "usage")).isEqualTo("it counts its tokens");
        assertThat(said(found, "closing")).startsWith("it stops within ");
        assertThat(said(found, "idle")).startsWith("it keeps idle connections longer than 0 s");
    }

    /** An engine may close a connection just when the next request comes on it: that is no fault of it. */
    @Test
    void noConnectionIsUsedTwice() throws Exception {
        assertThat(check(UpstreamKind.VLLM, List.of(), 1000, null)).noneMatch(Finding::wrong);
        assertThat(usedTwice).isEmpty();
    }

    @Test
    void listsThatKnowOfTheTemperatureAreNotRaw() throws Exception {
        tempered = true;
        assertThat(wrong(check(UpstreamKind.VLLM, List.of(), 1000, null), "entropy"))
                .startsWith("after temperature: ")
                .contains("kind vllm is taken for raw");
        assertThat(check(UpstreamKind.SGLANG, List.of(), 1000, null)).noneMatch(Finding::wrong);
    }

    @Test
    void rawListsOfAKindThatIsTakenForTemperedAreWrong() throws Exception {
        assertThat(wrong(check(UpstreamKind.SGLANG, List.of(), 1000, null), "entropy"))
                .startsWith("raw: ")
                .contains("kind sglang is taken for tempered");
        assertThat(check(UpstreamKind.GENERIC, List.of(), 1000, null))
                .as("of an unknown one the weaker is taken")
                .noneMatch(Finding::wrong);
    }

    @Test
    void fewerListsThanAskedForAreSaid() throws Exception {
        most = 5;
        List<Finding> found = check(UpstreamKind.VLLM, List.of(), 1000, null);
        assertThat(wrong(found, "lists")).isEqualTo("20 asked for, 5 came: alternatives: 5 says what there is");
        assertThat(said(found, "confidence")).startsWith("none: ");
    }

    @Test
    void oneThatRefusesLogprobsAnswersWithout() throws Exception {
        refuses = true;
        assertThat(wrong(check(UpstreamKind.VLLM, List.of(), 1000, null), "stream"))
                .startsWith("it answers, but not with 20 log-probabilities")
                .endsWith("no logprobs here");
    }

    @Test
    void oneThatGoesOnIsSeen() throws Exception {
        goesOn = true;
        assertThat(wrong(check(UpstreamKind.VLLM, List.of(), 1000, null), "closing"))
                .startsWith("it goes on for more than");
    }

    @Test
    void whetherItGoesOnIsTried() throws Exception {
        assertThat(said(check(UpstreamKind.VLLM, List.of(), 1000, null), "continue"))
                .isEqualTo("from a text as the uncut answer, from ids as the uncut answer");
        assertThat(said(check(UpstreamKind.LLAMACPP, List.of(), 1000, null), "continue"))
                .isEqualTo("from a text as the uncut answer, from ids as the uncut answer");
        assertThat(said(check(UpstreamKind.SGLANG, List.of(), 1000, null), "continue"))
                .startsWith("not tried: of kind sglang it is not known");
    }

    /** Where the configuration names a tokenizer it counts on the ids. */
    @Test
    void idsThatLeadElsewhereAreWrongWhereTheyAreCountedOn() throws Exception {
        otherIds = 1;
        beginsAnew = true;
        String found = "from a text otherwise than the uncut answer, from ids otherwise than the uncut answer";
        assertThat(said(check(UpstreamKind.VLLM, List.of(), 1000, null), "continue"))
                .isEqualTo(found);
        assertThat(wrong(UpstreamCheck.of(upstream("local", "t"), Duration.ofMillis(300)), "continue"))
                .isEqualTo(found + ": leave tokenizer out");
    }

    @Test
    void tokenizersOfOneNameAreCompared() throws Exception {
        Upstream local = upstream("local", "t");
        assertThat(TokenizerCheck.of(List.of(local, upstream("other", "t"), upstream("third", "u"))))
                .containsExactly(Finding.of("t", "a text has the same ids at local, other"));
        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.createContext("/v1/models", exchange -> answer(exchange, 200, "{\"data\":[{\"id\":\"small\"}]}"));
        other.createContext("/tokenize", exchange -> answer(exchange, 200, "{\"tokens\":[7,1]}"));
        other.start();
        try {
            Upstream foreign = new Upstream(
                    "foreign",
                    URI.create("http://127.0.0.1:" + other.getAddress().getPort()),
                    UpstreamKind.VLLM,
                    List.of(),
                    null,
                    null,
                    0,
                    "t",
                    20,
                    false,
                    4);
            assertThat(TokenizerCheck.of(List.of(local, foreign)))
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.wrong()).isTrue())
                    .satisfies(finding ->
                            assertThat(finding.sentence()).startsWith("a text has other ids at foreign than at local"));
        } finally {
            other.stop(0);
        }
        assertThat(TokenizerCheck.of(List.of(local, foreignThatIsGone())))
                .singleElement()
                .satisfies(finding -> assertThat(finding.wrong()).isTrue());
    }

    private static Upstream foreignThatIsGone() {
        return new Upstream(
                "gone",
                URI.create("http://127.0.0.1:1"),
                UpstreamKind.LLAMACPP,
                List.of(),
                null,
                null,
                0,
                "t",
                20,
                false,
                4);
    }

    private Upstream upstream(String name, String tokenizer) {
        URI base = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        return new Upstream(name, base, UpstreamKind.VLLM, List.of(), null, null, 1000, tokenizer, 20, false, 4);
    }

    @Test
    void whetherLlamaCppCanBeToldToEndItsReasoningIsSeen() throws Exception {
        assertThat(said(check(UpstreamKind.LLAMACPP, List.of(), 1000, null), "conclude"))
                .startsWith("it cannot be told to end its reasoning: status 404");
        canConclude = true;
        assertThat(said(check(UpstreamKind.LLAMACPP, List.of(), 1000, null), "conclude"))
                .isEqualTo("it can be told to end its reasoning");
    }

    @Test
    void oneThatCountsNothingIsSaid() throws Exception {
        counts = false;
        assertThat(said(check(UpstreamKind.VLLM, List.of(), 1000, null), "usage"))
                .startsWith("it counts nothing");
    }

    @Test
    void vocabulariesAreCompared() throws Exception {
        assertThat(wrong(check(UpstreamKind.VLLM, List.of(), 0, null), "vocabulary"))
                .startsWith("neither it nor");
        vocabulary = 999;
        assertThat(wrong(check(UpstreamKind.VLLM, List.of(), 0, null), "vocabulary"))
                .isEqualTo("999 tokens, and none are configured: vocabulary: 999");
        assertThat(wrong(check(UpstreamKind.VLLM, List.of(), 1000, null), "vocabulary"))
                .isEqualTo("999 tokens, and 1000 is configured: vocabulary: 999");
    }

    @Test
    void aModelThatIsNotThereIsNamed() throws Exception {
        assertThat(wrong(check(UpstreamKind.VLLM, List.of("large"), 1000, null), "models"))
                .isEqualTo("it has no large, which is configured");
    }

    @Test
    void keysAreTriedAndNotTold() throws Exception {
        key = "sk-right";
        assertThat(check(UpstreamKind.VLLM, List.of(), 1000, new Secret("sk-right")))
                .noneMatch(Finding::wrong);
        assertThat(wrong(check(UpstreamKind.VLLM, List.of(), 1000, null), "reached"))
                .contains("wants a key");
        List<Finding> found = check(UpstreamKind.VLLM, List.of(), 1000, new Secret("sk-wrong"));
        assertThat(wrong(found, "reached")).contains("does not take its key");
        assertThat(found.toString()).doesNotContain("sk-");
    }

    @Test
    void whatCannotBeReachedIsSaid() throws Exception {
        server.stop(0);
        assertThat(wrong(check(UpstreamKind.VLLM, List.of(), 1000, null), "reached"))
                .isEqualTo("no: nothing answers at http://127.0.0.1:"
                        + server.getAddress().getPort());
    }

    private List<Finding> check(UpstreamKind kind, List<String> models, int tokens, Secret shown) throws Exception {
        URI base = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        return UpstreamCheck.of(
                new Upstream("local", base, kind, models, shown, null, tokens, null, 20, false, 4),
                Duration.ofMillis(300));
    }

    private static String said(List<Finding> found, String subject) {
        return found.stream()
                .filter(finding -> finding.subject().equals(subject))
                .map(Finding::sentence)
                .collect(Collectors.joining());
    }

    private static String wrong(List<Finding> found, String subject) {
        assertThat(found.stream().filter(Finding::wrong))
                .extracting(Finding::subject)
                .contains(subject);
        return said(found.stream().filter(Finding::wrong).toList(), subject);
    }

    private void chat(HttpExchange exchange) throws IOException {
        JsonNode asked = MAPPER.readTree(exchange.getRequestBody());
        if (refuses && asked.has("logprobs")) {
            answer(exchange, 400, "no logprobs here");
            return;
        }
        if (!asked.path("stream").asBoolean()) {
            JsonNode messages = asked.get("messages");
            String begun = messages.size() > 1 ? messages.get(1).get("content").asText() : "";
            boolean repeats = !asked.has("return_token_ids");
            int from = beginsAnew || repeats || begun.isEmpty() ? 0 : begun.split(" ").length;
            answer(exchange, 200, words(from, asked.get("max_tokens").asInt(), from == 0 ? "" : " "));
            return;
        }
        running.incrementAndGet();
        exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        try (var out = exchange.getResponseBody()) {
            double temperature = tempered ? asked.path("temperature").asDouble(1) : 1;
            for (int token = 0; token < asked.get("max_tokens").asInt(); token++) {
                out.write(("data: " + event(temperature) + "\n\n").getBytes(UTF_8));
                out.flush();
            }
            String usage = counts ? ",\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":24}" : "";
            out.write(("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]" + usage
                            + "}\n\ndata: [DONE]\n\n")
                    .getBytes(UTF_8));
        } catch (IOException closed) {
            if (goesOn) {
                return;
            }
        }
        running.decrementAndGet();
    }

    /** An answer whose n-th word is a token, of number 100 + n. */
    private static String words(int from, int count, String before) {
        String text = IntStream.range(from, from + count).mapToObj(n -> "w" + n).collect(Collectors.joining(" "));
        String ids = IntStream.range(from, from + count)
                .mapToObj(n -> "" + (100 + n))
                .collect(Collectors.joining(","));
        return "{\"prompt_token_ids\":[1,2],\"choices\":[{\"message\":{\"content\":\"" + before + text
                + "\"},\"token_ids\":[" + ids
                + "],\"logprobs\":{\"content\":["
                + IntStream.range(from, from + count)
                        .mapToObj(n -> "{\"id\":" + (100 + n) + "}")
                        .collect(Collectors.joining(","))
                + "]}}]}";
    }

    private void complete(HttpExchange exchange) throws IOException {
        JsonNode asked = MAPPER.readTree(exchange.getRequestBody());
        answer(
                exchange,
                200,
                words(
                        asked.get("prompt").size() - 2 + otherIds,
                        asked.get("max_tokens").asInt(),
                        " "));
    }

    private void tokenize(HttpExchange exchange) throws IOException {
        JsonNode asked = MAPPER.readTree(exchange.getRequestBody());
        boolean prompt = asked.path("add_special").asBoolean();
        answer(exchange, 200, prompt ? "{\"tokens\":[1,2]}" : "{\"tokens\":[7," + otherIds + "]}");
    }

    /** The first of twenty tokens, which grow less probable by a third each. */
    private String event(double temperature) {
        int listed = Math.min(20, most);
        double sum = IntStream.range(0, 1000)
                .mapToDouble(rank -> Math.exp(-rank / 3. / temperature))
                .sum();
        String list = IntStream.range(0, listed)
                .mapToObj(rank -> "{\"token\":\"t" + rank + "\",\"bytes\":[116," + (48 + rank) + "],\"logprob\":"
                        + (-rank / 3. / temperature - Math.log(sum)) + "}")
                .collect(Collectors.joining(","));
        return "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"t0\"},\"logprobs\":{\"content\":[{\"token\":\"t0\","
                + "\"bytes\":[116,48],\"logprob\":" + -Math.log(sum) + ",\"top_logprobs\":[" + list + "]}]}}]}";
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        exchange.sendResponseHeaders(status, body.length());
        try (var out = exchange.getResponseBody()) {
            out.write(body.getBytes(UTF_8));
        }
    }
}
