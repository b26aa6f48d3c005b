package io.edistream.gateway.server;

import static io.edistream.gateway.server.ChatEvents.STREAM;
import static io.edistream.gateway.server.ChatEvents.events;
import static io.edistream.gateway.server.ChatEvents.finish;
import static io.edistream.gateway.server.ChatEvents.role;
import static io.edistream.gateway.server.ChatEvents.text;
import static io.edistream.gateway.server.ChatEvents.token;
import static io.edistream.gateway.server.ChatEvents.usage;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.gateway.watch.Aborts;
import io.edistream.sequences.Continuation;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers whose first tokens are kept back: they may begin again elsewhere, and their client never knows. */
@Timeout(60)
class HoldTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String DONE = Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n";
    private static final String ASKED =
            "{\"model\":\"small\",\"stream\":true,\"max_tokens\":20,\"stream_options\":{\"include_usage\":true},"
                    + "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

    @TempDir
    private Path folder;

    private final WatchFixture watched = new WatchFixture(0xAD);
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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsKeptBackMayBeginAgainElsewhere(boolean fallback) throws Exception {
        try (GatewayFixture gateway = gateway(3, fallback ? ", fallback: first" : "");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(role(0)) + Peer.chunk(token(0, "bad")) + Peer.chunk(token(0, " worse")));
                watched.published.untilTokens(2);
                assertThat(fromPrompt(2).kind()).isEqualTo(OutcomeKind.APPLIED);
                try (Peer second = large.accept()) {
                    JsonNode asked = MAPPER.readTree(second.readBody(second.readHead()));
                    assertThat(asked.at("/messages")).hasSize(1);
                    assertThat(asked.at("/max_tokens").asInt()).isEqualTo(20);
                    second.send(STREAM + Peer.chunk(other(role(0))) + Peer.chunk(other(token(0, "good"))));
                    first.awaitClosed();
                    second.send(Peer.chunk(other(finish(0, "stop"))) + Peer.chunk(other(usage(7, 1))) + DONE);
                    String got = new String(client.readBody(client.readHead()), UTF_8);
                    List<JsonNode> events = events(got);
                    assertThat(text(got, 0)).isEqualTo("good");
                    assertThat(events.get(0).at("/choices/0/delta/role").asText())
                            .isEqualTo("assistant");
                    assertThat(events)
                            .extracting(event -> event.path("id").asText())
                            .containsOnly("c1");
                    assertThat(events.get(events.size() - 1)
                                    .at("/usage/completion_tokens")
                                    .asInt())
                            .isEqualTo(1);
                    assertThat(events.get(events.size() - 1)
                                    .at("/edistream/usage/0/discarded_tokens")
                                    .asInt())
                            .isEqualTo(2);
                }
            }
            assertThat(watched.published.untilEnds(2).starts().get(1).continues())
                    .isEqualTo(new Continuation(0, Continuation.Cause.REROUTE, Continuation.Method.FROM_PROMPT, 0));
            gateway.awaitMetric("edistream_gateway_held_tokens_total{outcome=\"discarded\",upstream=\"a\"} 2.0");
            gateway.awaitMetric("edistream_gateway_discarded_tokens_total{upstream=\"a\"} 2.0");
            gateway.awaitMetric(
                    "edistream_gateway_reroutes_total{from=\"small\",outcome=\"from_prompt\",to=\"large\"} 1.0");
        }
    }

    /** Neither a byte less: the token before the last that is kept back has not reached the client. */
    @Test
    void theLastTokenLetsAllGo() throws Exception {
        try (GatewayFixture gateway = gateway(2, "");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(role(0)) + Peer.chunk(token(0, "one")));
                watched.published.untilTokens(1);
                assertThat(gateway.metrics())
                        .contains("edistream_gateway_held_tokens_total{outcome=\"delivered\",upstream=\"a\"} 0.0");
                first.send(Peer.chunk(token(0, " two")));
                String head = client.readHead();
                gateway.awaitMetric("edistream_gateway_held_tokens_total{outcome=\"delivered\",upstream=\"a\"} 2.0");
                ControlOutcome outcome = fromPrompt(2);
                assertThat(outcome.kind()).isEqualTo(OutcomeKind.REFUSED);
                assertThat(outcome.refusal()).isEqualTo(RefusalReason.CALLER);
                first.send(Peer.chunk(token(0, " three")) + Peer.chunk(finish(0, "stop")) + DONE);
                assertThat(text(new String(client.readBody(head), UTF_8), 0)).isEqualTo("one two three");
            }
            gateway.awaitMetric("edistream_gateway_held_tokens_total{outcome=\"delivered\",upstream=\"a\"} 2.0");
        }
    }

    @Test
    void anAnswerThatEndsBeforeIsWhole() throws Exception {
        try (GatewayFixture gateway = gateway(100, "");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                first.send(STREAM
                        + Peer.chunk(role(0))
                        + Peer.chunk(token(0, "one"))
                        + Peer.chunk(finish(0, "stop"))
                        + DONE);
                assertThat(new String(client.readBody(client.readHead()), UTF_8))
                        .isEqualTo(role(0) + token(0, "one").replaceFirst(",\"logprobs.*?}]}]}", ",\"logprobs\":null")
                                + finish(0, "stop") + "data: [DONE]\n\n");
            }
        }
    }

    @Test
    void anAnswerThatACommandEndsHasItsEnd() throws Exception {
        try (GatewayFixture gateway = gateway(100, "");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(role(0)) + Peer.chunk(token(0, "one")));
                watched.published.untilTokens(1);
                watched.commands.send(Aborts.of(0, 0));
                first.awaitClosed();
                String got = new String(client.readBody(client.readHead()), UTF_8);
                assertThat(text(got, 0)).isEqualTo("one");
                assertThat(got).contains("\"action\":\"abort\"").endsWith("data: [DONE]\n\n");
            }
        }
    }

    /** What is kept back of a stream has the bound of what waits for a slow reader. */
    @Test
    void manyBytesAreNotKeptBack() throws Exception {
        try (GatewayFixture gateway = gateway(4096, "", "limits: {buffer_bytes: 4096}\n");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(role(0)) + Peer.chunk(token(0, "x".repeat(2000))));
                watched.published.untilTokens(1);
                assertThat(gateway.metrics())
                        .contains("edistream_gateway_held_tokens_total{outcome=\"delivered\",upstream=\"a\"} 0.0");
                first.send(Peer.chunk(token(0, "x".repeat(2000))));
                String head = client.readHead();
                gateway.awaitMetric("edistream_gateway_held_tokens_total{outcome=\"delivered\",upstream=\"a\"} 2.0");
                first.send(Peer.chunk(finish(0, "stop")) + DONE);
                assertThat(text(new String(client.readBody(head), UTF_8), 0)).hasSize(4000);
            }
        }
    }

    /** Nothing has reached the client, so that it may still hear with a status what went wrong. */
    @Test
    void aFailureKeepsItsStatus() throws Exception {
        try (GatewayFixture gateway = gateway(100, "");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(role(0)) + Peer.chunk(token(0, "one")));
                watched.published.untilTokens(1);
                fromPrompt(1);
                first.awaitClosed();
                large.asked().close();
                assertThat(client.readHead()).startsWith("HTTP/1.1 502 ");
            }
        }
    }

    private ControlOutcome fromPrompt(int tokens) {
        watched.commands.send(Aborts.rerouteFromPrompt(0, tokens - 1, "large"));
        watched.untilOutcomes(1);
        return watched.outcomes.recorded().get(0);
    }

    private static String other(String event) {
        return event.replace("\"c1\"", "\"c2\"");
    }

    private GatewayFixture gateway(int hold, String more) throws Exception {
        return gateway(hold, more, "");
    }

    private GatewayFixture gateway(int hold, String more, String limits) throws Exception {
        return new GatewayFixture(
                folder,
                "upstreams: [{name: a, url: '" + small.url() + "', kind: vllm}, {name: b, url: '" + large.url()
                        + "', kind: vllm}]\nroutes: [{model: small, upstreams: [{name: a}], reroutes: 1, hold: " + hold
                        + more
                        + "}, {model: large, upstreams: [{name: b, model: big}]}]\n" + limits,
                watched.watch);
    }
}
