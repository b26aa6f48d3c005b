package io.edistream.gateway.server;

import static io.edistream.gateway.server.ChatEvents.LISTS;
import static io.edistream.gateway.server.ChatEvents.STREAM;
import static io.edistream.gateway.server.ChatEvents.events;
import static io.edistream.gateway.server.ChatEvents.finish;
import static io.edistream.gateway.server.ChatEvents.plain;
import static io.edistream.gateway.server.ChatEvents.role;
import static io.edistream.gateway.server.ChatEvents.text;
import static io.edistream.gateway.server.ChatEvents.token;
import static io.edistream.gateway.server.ChatEvents.usage;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.gateway.watch.Aborts;
import io.edistream.gateway.watch.Published;
import io.edistream.sequences.Effect;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.LocalControlInbox;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.EntropyKind;
import io.edistream.sequences.event.StepEvents;
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

/** Answers that are watched: what the engine is asked, what the client gets, what is published, and how they end. */
@Timeout(60)
class WatchedAnswerTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String ASKED = "{\"model\":\"m\",\"stream\":true,\"messages\":[]}";

    @TempDir
    private Path folder;

    private final WatchFixture watched = new WatchFixture(0xAB);
    private final Published published = watched.published;
    private final RecordingOutcomePublisher outcomes = watched.outcomes;
    private final LocalControlInbox commands = watched.commands;
    private RawUpstream upstream;

    @BeforeEach
    void open() throws IOException {
        upstream = new RawUpstream();
    }

    @AfterEach
    void close() throws IOException {
        upstream.close();
        watched.close();
    }

    @Test
    void theClientGetsWhatItWouldGetAndTheTokensArePublished() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED, "X-Request-Id: mine");
            try (Peer engine = upstream.accept()) {
                assertThat(engine.readBody(engine.readHead()))
                        .asString(UTF_8)
                        .contains("\"logprobs\":true", "\"top_logprobs\":20", "\"include_usage\":true");
                engine.send(STREAM + Peer.chunk(role(0)) + Peer.chunk(token(0, "a")) + Peer.chunk(token(0, "b")));
                engine.send(Peer.chunk(finish(0, "length")) + Peer.chunk(usage(4, 2)) + Peer.chunk("data: [DONE]\n\n")
                        + "0\r\n\r\n");
                String head = client.readHead();
                assertThat(head)
                        .containsIgnoringCase("x-request-id: mine")
                        .containsIgnoringCase("x-edistream-sequences: 00000000000000ab-0\r\n")
                        .containsIgnoringCase("x-edistream-kind: processed-bounded-20\r\n");
                String got = new String(client.readBody(head), UTF_8);
                assertThat(got).doesNotContain("logprob", "usage").endsWith("data: [DONE]\n\n");
                assertThat(text(got, 0)).isEqualTo("ab");
                assertThat(got).contains("\"finish_reason\":\"length\"");
            }
            StepEvents all = published.untilEnds(1);
            assertThat(all.starts()).singleElement().satisfies(start -> {
                assertThat(start.model()).isEqualTo("m");
                assertThat(start.engine()).isEqualTo("local");
                assertThat(start.request()).isEqualTo("mine");
                assertThat(start.entropyKind().distribution()).isEqualTo(EntropyKind.Distribution.PROCESSED);
            });
            assertThat(all.runs().get(0).tokens())
                    .extracting(token -> token.stats().logProbability())
                    .containsExactly(-.5f, -.5f);
            assertThat(all.ends()).singleElement().satisfies(end -> {
                assertThat(end.reason()).isEqualTo(EndReason.LENGTH);
                assertThat(end.tokens()).isEqualTo(2);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"header", "member", "route"})
    void whatIsNotToBeWatchedIsNotTouched(String how) throws Exception {
        String body = how.equals("member") ? "{\"edistream\":{\"watch\":false},\"stream\":true}" : "{\"stream\":true}";
        String yaml = how.equals("route") ? "routes: [{model: m, watch: 0, upstreams: [{name: local}]}]" : "";
        try (GatewayFixture gateway = gateway(yaml);
                Peer client = gateway.client()) {
            client.post(
                    "/v1/chat/completions",
                    how.equals("route") ? ASKED : body,
                    how.equals("header") ? "X-Edistream-Watch: off" : "X: y");
            try (Peer engine = upstream.accept()) {
                assertThat(engine.readBody(engine.readHead()))
                        .asString(UTF_8)
                        .isEqualTo(how.equals("route") ? ASKED : "{\"stream\":true}");
                String events = token(0, "a") + "data: [DONE]\n\n";
                engine.send(STREAM + Peer.chunk(events) + "0\r\n\r\n");
                assertThat(client.readBody(client.readHead())).asString(UTF_8).isEqualTo(events);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "event"})
    void whoeverRefusesLogprobsIsAskedAsTheClientWroteIt(String how) throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer engine = upstream.asked()) {
                engine.send(
                        how.equals("status")
                                ? "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
                                : STREAM + Peer.chunk("data: {\"error\":{\"code\":400,\"message\":\"no\"}}\n\n"));
                try (Peer again = upstream.accept()) {
                    assertThat(again.readBody(again.readHead())).asString(UTF_8).isEqualTo(ASKED);
                    again.send(STREAM + Peer.chunk(plain(0, "a")) + Peer.chunk(finish(0, "stop"))
                            + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                    String got = new String(client.readBody(client.readHead()), UTF_8);
                    assertThat(text(got, 0)).isEqualTo("a");
                }
            }
            assertThat(published.untilEnds(1).ends().get(0).reason()).isEqualTo(EndReason.END_OF_SEQUENCE);
            // It is not asked for them again for a while.
            client.post("/v1/chat/completions", ASKED);
            try (Peer engine = upstream.accept()) {
                assertThat(engine.readBody(engine.readHead())).asString(UTF_8).isEqualTo(ASKED);
            }
        }
    }

    @Test
    void anErrorThatIsTheClientsOwnReachesIt() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            for (int time = 0; time < 2; time++) {
                try (Peer engine = upstream.asked()) {
                    engine.send("HTTP/1.1 400 Bad Request\r\nX-Theirs: 1\r\nContent-Length: 12\r\n\r\n{\"error\": 1}");
                    if (time == 1) {
                        String head = client.readHead();
                        assertThat(head).startsWith("HTTP/1.1 400").containsIgnoringCase("x-theirs: 1");
                        assertThat(client.readBody(head)).asString(UTF_8).isEqualTo("{\"error\": 1}");
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCommandEndsAnAnswerProperly(boolean tools) throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", tools ? "{\"stream\":true,\"tools\":[{}]}" : "{\"stream\":true}");
            try (Peer engine = upstream.asked()) {
                engine.send(STREAM + Peer.chunk(role(0)) + Peer.chunk(token(0, "a")) + Peer.chunk(token(0, "b")));
                String head = client.readHead();
                published.untilTokens(2);
                commands.send(Aborts.of(0, 1));
                engine.awaitClosed();
                String got = new String(client.readBody(head), UTF_8);
                assertThat(text(got, 0)).isEqualTo("ab");
                assertThat(got).endsWith("data: [DONE]\n\n");
                List<JsonNode> events = events(got);
                JsonNode last = events.get(events.size() - 1);
                assertThat(last.at("/choices/0/finish_reason").asText()).isEqualTo(tools ? "content_filter" : "stop");
                assertThat(last.at("/id").asText()).isEqualTo("c1");
                assertThat(last.get("edistream"))
                        .isEqualTo(MAPPER.readTree("{\"choice\":0,\"action\":\"abort\",\"reason\":\"too high\","
                                + "\"rule\":\"rule-1\",\"token\":2}"));
            }
            assertThat(published.untilEnds(1).ends()).singleElement().satisfies(end -> {
                assertThat(end.reason()).isEqualTo(EndReason.ABORTED);
                assertThat(end.tokens()).isEqualTo(2);
            });
            assertThat(outcomes.recorded()).extracting(ControlOutcome::kind).containsExactly(OutcomeKind.APPLIED);
            assertThat(outcomes.recorded().get(0).effect())
                    .as("of an engine of which nothing is known")
                    .isEqualTo(Effect.CLOSED);
            // The connection is as good as new.
            client.send("GET /health HTTP/1.1\r\nHost: t\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void oneOfTwoChoicesIsHiddenAndTheOtherGoesOn() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", "{\"stream\":true,\"n\":2}");
            try (Peer engine = upstream.asked()) {
                engine.send(STREAM + Peer.chunk(token(0, "a")) + Peer.chunk(token(1, "x")));
                String head = client.readHead();
                published.untilTokens(2);
                commands.send(Aborts.of(0, 0));
                published.untilEnds(1);
                engine.send(Peer.chunk(token(0, "hidden")) + Peer.chunk(token(1, "y")));
                engine.send(Peer.chunk(finish(0, "length")) + Peer.chunk(finish(1, "length"))
                        + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                String got = new String(client.readBody(head), UTF_8);
                assertThat(text(got, 0)).isEqualTo("a");
                assertThat(text(got, 1)).isEqualTo("xy");
                assertThat(got).doesNotContain("hidden");
                assertThat(events(got).stream()
                                .filter(event -> event.at("/choices/0/index").asInt() == 0)
                                .filter(event ->
                                        event.at("/choices/0/finish_reason").isTextual()))
                        .hasSize(1);
            }
            assertThat(published.untilEnds(2).ends())
                    .extracting(end -> end.sequence() + " " + end.reason() + " " + end.tokens())
                    .containsExactlyInAnyOrder("0 ABORTED 1", "1 LENGTH 2");
            assertThat(outcomes.recorded().get(0).effect()).isEqualTo(Effect.HIDDEN);
        }
    }

    @Test
    void aClientThatLeavesClosesTheUpstreamAndCancels() throws Exception {
        try (GatewayFixture gateway = gateway("")) {
            Peer client = gateway.client();
            client.post("/v1/chat/completions", ASKED);
            try (Peer engine = upstream.asked()) {
                engine.send(STREAM + Peer.chunk(token(0, "a")));
                client.readHead();
                client.close();
                engine.awaitClosed();
            }
            assertThat(published.untilEnds(1).ends().get(0).reason()).isEqualTo(EndReason.CANCELLED);
        }
    }

    @Test
    void anEndWithoutAnEndIsPassedOnAsOne() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer engine = upstream.asked()) {
                engine.send(STREAM + Peer.chunk(token(0, "a")));
                client.readHead();
                assertThat(client.readChunk()).isNotEmpty();
            }
            client.awaitClosed();
            assertThat(published.untilEnds(1).ends().get(0).reason()).isEqualTo(EndReason.ERROR);
        }
    }

    @Test
    void anErrorInTheMiddleReachesTheClientAndIsTheEnd() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer engine = upstream.asked()) {
                engine.send(STREAM + Peer.chunk(token(0, "a"))
                        + Peer.chunk("data: {\"error\":{\"code\":500}}\n\n") + Peer.chunk("data: [DONE]\n\n")
                        + "0\r\n\r\n");
                assertThat(client.readBody(client.readHead()))
                        .asString(UTF_8)
                        .endsWith("data: {\"error\":{\"code\":500}}\n\ndata: [DONE]\n\n");
            }
            assertThat(published.untilEnds(1).ends().get(0).reason()).isEqualTo(EndReason.ERROR);
        }
    }

    @Test
    void withTheHubGoneAnswersFlowOn() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer engine = upstream.asked()) {
                engine.send(STREAM + Peer.chunk(token(0, "a")));
                String head = client.readHead();
                published.untilTokens(1);
                watched.close();
                engine.send(Peer.chunk(token(0, "b")) + Peer.chunk(finish(0, "stop")) + Peer.chunk("data: [DONE]\n\n")
                        + "0\r\n\r\n");
                String got = new String(client.readBody(head), UTF_8);
                assertThat(text(got, 0)).isEqualTo("ab");
                assertThat(got).endsWith("data: [DONE]\n\n").doesNotContain("edistream");
            }
        }
    }

    @Test
    void anAnswerInOnePieceIsMeasuredAfterwardsAndCannotBeEnded() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", "{\"model\":\"m\"}");
            try (Peer engine = upstream.accept()) {
                // It is asked for a stream, and gives none.
                assertThat(engine.readBody(engine.readHead())).asString(UTF_8).contains("\"stream\":true");
                String body =
                        "{\"id\":\"c1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"a\"},"
                                + LISTS.formatted("a") + ",\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,"
                                + "\"completion_tokens\":1,\"total_tokens\":4}}";
                engine.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                        + "\r\n\r\n" + body);
                JsonNode got = MAPPER.readTree(client.readBody(client.readHead()));
                assertThat(got.at("/choices/0/message/content").asText()).isEqualTo("a");
                assertThat(got.at("/usage/total_tokens").asInt()).isEqualTo(4);
                assertThat(got.toString()).doesNotContain("top_logprobs");
            }
            StepEvents all = published.untilEnds(1);
            assertThat(all.starts().get(0).promptTokens()).isEqualTo(3);
            assertThat(all.tokens()).isEqualTo(1);
        }
    }

    @Test
    void aClientThatWaitsGetsSignsOfLifeAndThenItsAnswerOrTheError() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client();
                Peer other = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer engine = upstream.asked()) {
                String head = client.readHead();
                assertThat(head).startsWith("HTTP/1.1 200").containsIgnoringCase("text/event-stream");
                assertThat(client.readChunk()).asString(UTF_8).startsWith(": ");
                engine.send(STREAM + Peer.chunk(token(0, "a")) + Peer.chunk(finish(0, "stop"))
                        + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                assertThat(text(new String(client.readBody(head), UTF_8), 0)).isEqualTo("a");
            }
            other.post("/v1/chat/completions", ASKED);
            try (Peer engine = upstream.asked()) {
                String head = other.readHead();
                engine.send("HTTP/1.1 503 No\r\nContent-Length: 22\r\n\r\n{\"error\":{\"code\":503}}");
                assertThat(other.readBody(head)).asString(UTF_8).endsWith("data: {\"error\":{\"code\":503}}\n\n");
            }
        }
    }

    @Test
    void aClientThatDoesNotReadIsSentAwayAndTheUpstreamClosed() throws Exception {
        try (GatewayFixture gateway = gateway("limits: {buffer_bytes: 4096}");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer engine = upstream.asked()) {
                engine.send(STREAM);
                String large = Peer.chunk(plain(0, "x".repeat(60_000)));
                try {
                    for (int event = 0; event < 10_000; event++) {
                        engine.send(large);
                    }
                    assertThat(true)
                            .as("600 MB were taken for a client that reads nothing")
                            .isFalse();
                } catch (IOException closed) {
                    // As it should be.
                }
            }
            assertThat(published.untilEnds(1).ends().get(0).reason()).isEqualTo(EndReason.CANCELLED);
        }
    }

    private GatewayFixture gateway(String more) throws Exception {
        return new GatewayFixture(
                folder,
                "upstreams: [{name: local, url: '" + upstream.url() + "', kind: generic, vocabulary: 100}]\n" + more,
                watched.watch);
    }
}
