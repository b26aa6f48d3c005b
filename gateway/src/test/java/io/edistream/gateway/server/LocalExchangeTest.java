package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.gateway.server.HandMadeEngine.Served;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GenerationHandle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may ask an engine in the same process, who is sent away, and what becomes of what is generated for those who leave. */
@Timeout(60)
class LocalExchangeTest {

    private static final String CHAT = "/v1/chat/completions";
    private static final String HELLO = "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]";
    private static final String STREAM = "{\"model\":\"small\",\"stream\":true," + HELLO + "}";
    private static final String WHOLE = "{\"model\":\"small\"," + HELLO + "}";

    @TempDir
    private Path folder;

    private final HandMadeEngine engine = new HandMadeEngine();

    @AfterEach
    void close() throws Exception {
        engine.close();
    }

    @Test
    void modelsAreListedAndOthersRefused() throws Exception {
        try (GatewayFixture gateway = gateway("")) {
            assertThat(get(gateway, "/v1/models")).contains("\"id\":\"small\"", "\"id\":\"big\"");
            assertThat(post(gateway, CHAT, "{\"model\":\"huge\"," + HELLO + "}"))
                    .startsWith("HTTP/1.1 404")
                    .contains("there is no such model, only small, big", "model_not_found");
            assertThat(post(gateway, CHAT, "{" + HELLO + "}"))
                    .startsWith("HTTP/1.1 404")
                    .contains("the request names no model");
            assertThat(engine.wasAsked()).isFalse();
        }
    }

    @Test
    void whatIsNotThereIsSaid() throws Exception {
        try (GatewayFixture gateway = gateway("")) {
            assertThat(post(gateway, "/v1/embeddings", WHOLE))
                    .startsWith("HTTP/1.1 404")
                    .contains("below /v1/ there are chat/completions");
            assertThat(get(gateway, CHAT)).startsWith("HTTP/1.1 405").contains("only POST");
        }
    }

    @Test
    void readyIsWhatTheEngineIs() throws Exception {
        try (GatewayFixture gateway = gateway("")) {
            assertThat(get(gateway, "/health")).startsWith("HTTP/1.1 200");
            assertThat(get(gateway, "/ready")).startsWith("HTTP/1.1 200").endsWith("ready\n");
            engine.ready(false);
            assertThat(get(gateway, "/ready")).startsWith("HTTP/1.1 503").endsWith("the engine takes no requests\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "[]", "{\"model\":\"small\"", "{\"a\":1}{\"b\":2}"})
    void whatIsNoObjectIsRefusedWithoutBeingRepeated(String body) throws Exception {
        try (GatewayFixture gateway = gateway("")) {
            assertThat(post(gateway, CHAT, body)).startsWith("HTTP/1.1 400").doesNotContain("nonsense");
        }
    }

    @Test
    void whatCannotBeDoneIsRefused() throws Exception {
        try (GatewayFixture gateway = gateway("")) {
            assertThat(post(gateway, CHAT, "{\"model\":\"small\",\"tools\":[{}]," + HELLO + "}"))
                    .startsWith("HTTP/1.1 400")
                    .contains("edistream: tools is not possible here");
            assertThat(post(gateway, CHAT, WHOLE, "X-Edistream-Watch: off"))
                    .startsWith("HTTP/1.1 400")
                    .contains("X-Edistream-Watch cannot be off here");
            engine.refuseWith(new IllegalArgumentException("the prompt is too long"));
            assertThat(post(gateway, CHAT, STREAM)).startsWith("HTTP/1.1 400").contains("the prompt is too long");
            engine.refuseWith(new RejectedExecutionException("3 requests wait"));
            assertThat(post(gateway, CHAT, STREAM))
                    .startsWith("HTTP/1.1 429")
                    .containsIgnoringCase("retry-after: 1")
                    .contains("3 requests wait", "rate_limit_exceeded");
            engine.refuseWith(new IllegalStateException("shut down"));
            assertThat(post(gateway, CHAT, WHOLE)).startsWith("HTTP/1.1 503");
            engine.refuseWith(new ArithmeticException("secret"));
            assertThat(post(gateway, CHAT, WHOLE)).startsWith("HTTP/1.1 500").doesNotContain("secret");
            assertThat(gateway.metrics())
                    .contains("edistream_gateway_refused_requests_total{status=\"429\"} 1.0")
                    .contains("edistream_gateway_running_requests 0.0");
        }
    }

    @Test
    void aBodyThatIsTooLargeIsNotRead() throws Exception {
        try (GatewayFixture gateway = gateway("limits: {body_bytes: 1024}\n")) {
            assertThat(post(gateway, CHAT, "{\"model\":\"" + "x".repeat(1024) + "\"}"))
                    .startsWith("HTTP/1.1 413");
            assertThat(engine.wasAsked()).isFalse();
        }
    }

    @Test
    void clientsHaveKeysAndLimits() throws Exception {
        String clients = "clients: [{name: one, key: {environment: ONE}}]\nlimits: {streams_per_client: 1}\n";
        try (GatewayFixture gateway = gateway(clients);
                Peer first = gateway.client()) {
            assertThat(post(gateway, CHAT, STREAM)).startsWith("HTTP/1.1 401");
            first.post(CHAT, STREAM, "Authorization: Bearer sk-one");
            GenerationHandle choice = engine.next().choices().get(0);
            assertThat(post(gateway, CHAT, STREAM, "Authorization: Bearer sk-one"))
                    .startsWith("HTTP/1.1 429")
                    .contains("you have 1 requests at a time");
            engine.end(choice, EndReason.LENGTH);
            assertThat(first.readBody(first.readHead())).asString(UTF_8).endsWith("data: [DONE]\n\n");
        }
    }

    @Test
    void aFailureOfTheEngineIsNoEndOfAnAnswer() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer whole = gateway.client();
                Peer stream = gateway.client()) {
            whole.post(CHAT, WHOLE);
            engine.end(engine.next().choices().get(0), EndReason.ERROR);
            assertThat(whole.readHead()).startsWith("HTTP/1.1 500");

            stream.post(CHAT, "{\"model\":\"small\",\"n\":2,\"stream\":true," + HELLO + "}");
            Served served = engine.next();
            engine.say(served.choices().get(0), "half");
            String head = stream.readHead();
            String first = new String(stream.readChunk(), UTF_8);
            engine.end(served.choices().get(0), EndReason.ERROR);
            assertThat(first + new String(stream.readBody(head), UTF_8))
                    .contains("half", "\"error\":{\"message\":\"edistream: the engine failed")
                    .doesNotContain("[DONE]");
            assertThat(engine.awaitEnd(served.choices().get(1).counter())).isEqualTo(EndReason.CANCELLED);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientThatLeavesCancelsWhatWasGeneratedForIt(boolean streams) throws Exception {
        try (GatewayFixture gateway = gateway("")) {
            Peer client = gateway.client();
            client.post(CHAT, "{\"model\":\"small\",\"n\":2,\"stream\":" + streams + "," + HELLO + "}");
            Served served = engine.next();
            if (streams) {
                engine.say(served.choices().get(0), "word");
                client.readHead();
                client.readChunk();
            }
            client.close();
            for (GenerationHandle choice : served.choices()) {
                assertThat(engine.awaitEnd(choice.counter())).isEqualTo(EndReason.CANCELLED);
            }
            String window = streams ? "streaming" : "not_streamed";
            gateway.awaitMetric("edistream_gateway_clients_left_total{window=\"" + window + "\"} 1.0");
            gateway.awaitMetric("edistream_gateway_running_requests 0.0");
        }
    }

    @Test
    void aClientThatLeavesBeforeTheFirstTokenCancels() throws Exception {
        try (GatewayFixture gateway = gateway("")) {
            Peer client = gateway.client();
            client.post(CHAT, STREAM);
            GenerationHandle choice = engine.next().choices().get(0);
            client.close();
            assertThat(engine.awaitEnd(choice.counter())).isEqualTo(EndReason.CANCELLED);
            gateway.awaitMetric("edistream_gateway_running_requests 0.0");
        }
    }

    /** The engine is not held up: all of it is decoded, or cancelled, whatever the client reads. */
    @Test
    void aClientThatReadsNothingIsSentAway() throws Exception {
        String text = "x".repeat(1 << 18);
        try (GatewayFixture gateway = gateway("limits: {buffer_bytes: 65536}\n");
                Peer slow = gateway.client();
                Peer other = gateway.client()) {
            slow.post(CHAT, STREAM);
            GenerationHandle choice = engine.next().choices().get(0);
            for (int part = 0; part < 400 && !engine.hasEnded(choice.counter()); part++) {
                engine.say(choice, text);
                // An answer of the loop's, which has taken what was said by then.
                gateway.metrics();
            }
            assertThat(engine.awaitEnd(choice.counter())).isEqualTo(EndReason.CANCELLED);
            gateway.awaitMetric("edistream_gateway_clients_left_total{window=\"streaming\"} 1.0");
            slow.awaitClosed();

            other.post(CHAT, STREAM);
            GenerationHandle next = engine.next().choices().get(0);
            engine.say(next, "quick");
            engine.end(next, EndReason.LENGTH);
            assertThat(other.readBody(other.readHead())).asString(UTF_8).contains("quick");
        }
    }

    @Test
    void anAnswerInOnePieceHasABound() throws Exception {
        try (GatewayFixture gateway = gateway("limits: {body_bytes: 2048}\n");
                Peer client = gateway.client()) {
            client.post(CHAT, WHOLE);
            GenerationHandle choice = engine.next().choices().get(0);
            engine.say(choice, "x".repeat(2048));
            engine.say(choice, "y");
            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.1 400");
            assertThat(client.readBody(head)).asString(UTF_8).contains("more than the 2048 bytes");
            assertThat(engine.awaitEnd(choice.counter())).isEqualTo(EndReason.CANCELLED);
        }
    }

    @Test
    void anEngineThatSaysNothingIsGivenUp() throws Exception {
        try (GatewayFixture gateway = gateway("limits: {first_byte_seconds: 0.2, idle_seconds: 0.2}\n");
                Peer waiting = gateway.client();
                Peer begun = gateway.client()) {
            waiting.post(CHAT, WHOLE);
            assertThat(waiting.readHead()).startsWith("HTTP/1.1 504");
            assertThat(engine.awaitEnd(engine.next().choices().get(0).counter()))
                    .isEqualTo(EndReason.CANCELLED);

            begun.post(CHAT, STREAM);
            GenerationHandle choice = engine.next().choices().get(0);
            engine.say(choice, "then nothing");
            assertThat(begun.readBody(begun.readHead()))
                    .asString(UTF_8)
                    .contains("then nothing", "the engine was silent for");
            assertThat(engine.awaitEnd(choice.counter())).isEqualTo(EndReason.CANCELLED);
        }
    }

    /** To wait in a queue is not to be silent. */
    @Test
    void whoWaitsForTheFirstTokenHasMoreTimeThanWhoWaitsForTheNext() throws Exception {
        try (GatewayFixture gateway = gateway("limits: {first_byte_seconds: 1.5, idle_seconds: 0.05}\n");
                Peer waiting = gateway.client()) {
            long asked = System.nanoTime();
            waiting.post(CHAT, WHOLE);
            String head = waiting.readHead();
            assertThat(System.nanoTime() - asked).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(1_400));
            assertThat(waiting.readBody(head)).asString(UTF_8).contains("the engine has not begun within 1 s");
        }
    }

    /** As many answers at a time as may come, none of which has a word of another's. */
    @Test
    void aFloodKeepsAnswersApart() throws Exception {
        int answers = 200;
        List<Peer> clients = new ArrayList<>();
        try (GatewayFixture gateway = gateway("")) {
            for (int i = 0; i < answers; i++) {
                Peer client = gateway.client();
                clients.add(client);
                client.post(
                        CHAT,
                        "{\"model\":\"small\",\"stream\":true,\"edistream\":{\"request\":\"r" + i + "\"}," + HELLO
                                + "}");
            }
            for (int i = 0; i < answers; i++) {
                Served served = engine.next();
                GenerationHandle choice = served.choices().get(0);
                for (int word = 0; word < 20; word++) {
                    engine.say(choice, served.request().name() + " ");
                }
                engine.end(choice, EndReason.END_OF_SEQUENCE);
            }
            for (int i = 0; i < answers; i++) {
                Peer client = clients.get(i);
                String stream = new String(client.readBody(client.readHead()), UTF_8);
                assertThat(ChatEvents.text(stream, 0)).isEqualTo(("r" + i + " ").repeat(20));
                assertThat(stream).endsWith("data: [DONE]\n\n");
            }
            gateway.awaitMetric("edistream_gateway_running_requests 0.0");
        } finally {
            for (Peer client : clients) {
                client.close();
            }
        }
    }

    @Test
    void whatRunsMayEndAndWhatDoesNotHearsOfTheStop() throws Exception {
        GatewayFixture gateway = gateway("limits: {drain_seconds: 1}\n");
        try (Peer ends = gateway.client();
                Peer runsOn = gateway.client()) {
            ends.post(CHAT, STREAM);
            GenerationHandle ended = engine.next().choices().get(0);
            runsOn.post(CHAT, STREAM);
            GenerationHandle running = engine.next().choices().get(0);
            engine.say(ended, "so");
            engine.say(running, "on");
            String head = ends.readHead();
            String first = new String(ends.readChunk(), UTF_8);
            CompletableFuture<Void> closing = CompletableFuture.runAsync(gateway::close);
            engine.end(ended, EndReason.END_OF_SEQUENCE);
            assertThat(first + new String(ends.readBody(head), UTF_8)).endsWith("data: [DONE]\n\n");
            assertThat(runsOn.readBody(runsOn.readHead())).asString(UTF_8).contains("the gateway is being stopped");
            closing.get(20, TimeUnit.SECONDS);
            assertThat(engine.awaitEnd(running.counter())).isEqualTo(EndReason.CANCELLED);
        }
    }

    @Test
    void theAccessLogTellsNoWordOfIt() throws Exception {
        String log;
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, WHOLE, "X-Request-Id: known");
            GenerationHandle choice = engine.next().choices().get(0);
            engine.say(choice, "secret");
            engine.end(choice, EndReason.END_OF_SEQUENCE);
            client.readBody(client.readHead());
            while (gateway.accessLog().isEmpty()) {
                Thread.onSpinWait();
            }
            log = gateway.accessLog();
        }
        assertThat(log)
                .contains("\"request\":\"known\"", "\"model\":\"small\"", "\"route\":\"default\"", "\"status\":200")
                .contains("\"outcome\":\"complete\"", "\"prompt_tokens\":7", "\"completion_tokens\":2")
                .doesNotContain("secret", "Hello");
    }

    private GatewayFixture gateway(String yaml) throws Exception {
        return GatewayFixture.serving(folder, yaml, engine);
    }

    private static String get(GatewayFixture gateway, String path) throws IOException {
        try (Peer client = gateway.client()) {
            client.send("GET " + path + " HTTP/1.1\r\nHost: t\r\n\r\n");
            return answer(client);
        }
    }

    private static String post(GatewayFixture gateway, String path, String body, String... headers) throws IOException {
        try (Peer client = gateway.client()) {
            client.post(path, body, headers);
            return answer(client);
        }
    }

    private static String answer(Peer client) throws IOException {
        String head = client.readHead();
        return head + new String(client.readBody(head), UTF_8);
    }
}
