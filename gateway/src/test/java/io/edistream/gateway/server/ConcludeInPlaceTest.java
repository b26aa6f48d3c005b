package io.edistream.gateway.server;

import static io.edistream.gateway.server.ChatEvents.LISTS;
import static io.edistream.gateway.server.ChatEvents.STREAM;
import static io.edistream.gateway.server.ChatEvents.event;
import static io.edistream.gateway.server.ChatEvents.events;
import static io.edistream.gateway.server.ChatEvents.finish;
import static io.edistream.gateway.server.ChatEvents.role;
import static io.edistream.gateway.server.ChatEvents.text;
import static io.edistream.gateway.server.ChatEvents.token;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.gateway.watch.Aborts;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.Effect;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Phase;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.UnmeasuredReason;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.event.TokenRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers whose reasoning llama.cpp ends in the same stream: what it is asked, and what becomes of it. */
@Timeout(60)
class ConcludeInPlaceTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String ASKED =
            "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    private static final String CONTROL =
            "edistream_gateway_concludes_total{how=\"engine\",outcome=\"%s\",route=\"m\"} 1.0";

    @TempDir
    private Path folder;

    private final WatchFixture watched = new WatchFixture(0xAB);
    private RawUpstream engine;

    @BeforeEach
    void listen() throws IOException {
        engine = new RawUpstream();
    }

    @AfterEach
    void stopListening() throws IOException {
        engine.close();
        watched.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theEngineEndsItsReasoningInTheSameStream(boolean streamed) throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", streamed ? ASKED : ASKED.replace("\"stream\":true,", ""));
            try (Peer stream = engine.accept()) {
                assertThat(MAPPER.readTree(stream.readBody(stream.readHead())).at("/reasoning_control"))
                        .isEqualTo(MAPPER.readTree("true"));
                stream.send(STREAM + Peer.chunk(role(0)) + thought("a", 1) + thought("b", 2));
                watched.published.untilTokens(2);
                watched.commands.send(Aborts.conclude(0, 1, null));
                try (Peer control = engine.accept()) {
                    String head = control.readHead();
                    assertThat(head).startsWith("POST /v1/chat/completions/control ");
                    assertThat(MAPPER.readTree(control.readBody(head)))
                            .isEqualTo(MAPPER.readTree("{\"id\":\"c1\",\"action\":\"reasoning_end\",\"model\":\"m\"}"));
                    answer(control, 200, "{\"success\":true}");
                    control.awaitClosed();
                }
                stream.send(thought("c", 3));
                watched.published.untilTokens(3);
                // Four tokens that no event shows: the end of the reasoning.
                stream.send(said("so", 8) + timed(finish(0, "stop"), 8) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                String notice = "{\"choice\":0,\"action\":\"conclude\",\"reason\":\"too"
                        + " high\",\"rule\":\"rule-1\",\"token\":7}";
                String got = new String(client.readBody(client.readHead()), UTF_8);
                if (streamed) {
                    assertThat(text(got, 0)).isEqualTo("so");
                    assertThat(events(got).stream().filter(event -> event.has("edistream")))
                            .singleElement()
                            .satisfies(event -> {
                                assertThat(event.get("edistream")).isEqualTo(MAPPER.readTree(notice));
                                assertThat(event.at("/choices/0/delta/content").asText())
                                        .isEqualTo("so");
                            });
                } else {
                    JsonNode body = MAPPER.readTree(got);
                    assertThat(body.at("/choices/0/message/reasoning_content").asText())
                            .isEqualTo("abc");
                    assertThat(body.at("/choices/0/message/content").asText()).isEqualTo("so");
                    assertThat(body.get("edistream")).isEqualTo(MAPPER.readTree("{\"concluded\":[" + notice + "]}"));
                }
            }
            gateway.awaitMetric(CONTROL.formatted("concluded"));
            gateway.awaitMetric("edistream_gateway_upstream_requests{upstream=\"a\"} 0.0");
        }
        StepEvents all = watched.published.untilEnds(1);
        assertThat(all.ends()).singleElement().satisfies(end -> {
            assertThat(end.reason()).isEqualTo(EndReason.END_OF_SEQUENCE);
            assertThat(end.tokens()).isEqualTo(8);
        });
        List<DecodedToken> tokens = tokens(all);
        assertThat(tokens.subList(3, 7))
                .allMatch(token -> token.forced()
                        && token.unmeasured() == UnmeasuredReason.FORCED
                        && token.phase() == Phase.OTHER);
        assertThat(tokens).filteredOn(DecodedToken::forced).hasSize(4);
        assertThat(watched.outcomes.recorded()).singleElement().satisfies(outcome -> {
            assertThat(outcome.kind()).isEqualTo(OutcomeKind.APPLIED);
            assertThat(outcome.effect()).isEqualTo(Effect.STOPPED);
            assertThat(outcome.continuedBy()).isNull();
        });
    }

    /** What is missing while it reasons on is missing, not forced. */
    @Test
    void whatIsNotShownBeforeTheEndOfTheReasoningIsHidden() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client();
                Peer stream = concluding(client, "{\"success\":true}")) {
            stream.send(thought("c", 4) + said("so", 6) + said("on", 8));
            watched.published.untilTokens(8);
            stream.send(timed(finish(0, "stop"), 8) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
            client.readBody(client.readHead());
        }
        assertThat(tokens(watched.published.untilEnds(1)))
                .extracting(token -> token.unmeasured() == UnmeasuredReason.NOT_OFFERED
                        ? "shown"
                        : String.valueOf(token.unmeasured()))
                .containsExactly("shown", "shown", "HIDDEN", "shown", "FORCED", "shown", "HIDDEN", "shown");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "200 | {\"success\":false,\"message\":\"no active completion for this id\"} | it said: no active"
                        + " completion for this id",
                "200 | what | /v1/chat/completions/control says no JSON",
                "404 | {} | /v1/chat/completions/control answers with status 404",
                "0 | | /v1/chat/completions/control cannot be asked",
            })
    void anEngineThatDoesNotIsToldOf(int status, String body, String why) throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client();
                Peer stream = reasoning(client)) {
            watched.commands.send(Aborts.conclude(0, 1, null));
            try (Peer control = engine.asked()) {
                if (status > 0) {
                    answer(control, status, body);
                }
            }
            watched.untilOutcomes(2);
            stream.send(said("so", 4) + timed(finish(0, "stop"), 4) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
            String got = new String(client.readBody(client.readHead()), UTF_8);
            assertThat(text(got, 0)).isEqualTo("so");
            assertThat(got).doesNotContain("edistream");
            gateway.awaitMetric(CONTROL.formatted("failed"));
        }
        assertThat(watched.outcomes.recorded())
                .extracting(ControlOutcome::kind)
                .containsExactly(OutcomeKind.APPLIED, OutcomeKind.WITHDRAWN);
        assertThat(watched.outcomes.recorded().get(1).detail())
                .isEqualTo("upstream a was asked to end the reasoning, and " + why);
        assertThat(tokens(watched.published.untilEnds(1)))
                .filteredOn(DecodedToken::forced)
                .isEmpty();
    }

    /** It says so also where it has nothing to force: only the stream tells. */
    @Test
    void anEngineThatSaysSoAndReasonsOnIsToldOf() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client();
                Peer stream = concluding(client, "{\"success\":true}")) {
            StringBuilder thoughts = new StringBuilder();
            for (int i = 0; i <= Conclusion.MAX_TOKENS_TO_END; i++) {
                thoughts.append(thought("x", 3 + i));
            }
            stream.send(thoughts.toString());
            watched.untilOutcomes(2);
            assertThat(watched.outcomes.recorded().get(1).kind()).isEqualTo(OutcomeKind.WITHDRAWN);
            assertThat(watched.outcomes.recorded().get(1).detail()).endsWith("reasons on 128 tokens later");
            gateway.awaitMetric(CONTROL.formatted("failed"));
        }
    }

    @Test
    void whatEndsFirstIsSaidToBeWithdrawn() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client();
                Peer stream = concluding(client, "{\"success\":true}")) {
            stream.send(timed(finish(0, "length"), 4) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
            client.readBody(client.readHead());
            watched.untilOutcomes(2);
            gateway.awaitMetric(CONTROL.formatted("ended_before"));
            gateway.awaitMetric("edistream_gateway_upstream_requests{upstream=\"a\"} 0.0");
        }
        assertThat(watched.outcomes.recorded())
                .extracting(ControlOutcome::kind)
                .containsExactly(OutcomeKind.APPLIED, OutcomeKind.WITHDRAWN);
    }

    /** The reasoning may end by itself, or by what was forced, before the engine's answer to the question is there. */
    @Test
    void anAnswerThatComesFirstSaysSoAfterwards() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client();
                Peer stream = reasoning(client)) {
            watched.commands.send(Aborts.conclude(0, 1, null));
            try (Peer control = engine.asked()) {
                stream.send(said("so", 4));
                watched.published.untilTokens(4);
                answer(control, 200, "{\"success\":true}");
                control.awaitClosed();
            }
            stream.send(said("on", 5) + timed(finish(0, "stop"), 5) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
            String got = new String(client.readBody(client.readHead()), UTF_8);
            assertThat(events(got).stream().filter(event -> event.has("edistream")))
                    .singleElement()
                    .satisfies(event -> assertThat(
                                    event.at("/choices/0/delta/content").asText())
                            .isEqualTo("on"));
            gateway.awaitMetric(CONTROL.formatted("concluded"));
        }
    }

    @Test
    void aClientThatLeavesMeanwhileLeavesNothingOpen() throws Exception {
        try (GatewayFixture gateway = gateway("")) {
            Peer client = gateway.client();
            try (Peer stream = reasoning(client)) {
                watched.commands.send(Aborts.conclude(0, 1, null));
                try (Peer control = engine.asked()) {
                    client.close();
                    stream.awaitClosed();
                    gateway.awaitMetric(CONTROL.formatted("ended_before"));
                    answer(control, 200, "{\"success\":true}");
                    control.awaitClosed();
                }
            }
            gateway.awaitMetric("edistream_gateway_upstream_requests{upstream=\"a\"} 0.0");
        }
    }

    @Test
    void itIsDoneOnce() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client();
                Peer stream = reasoning(client)) {
            watched.commands.send(Aborts.conclude(0, 1, null));
            try (Peer control = engine.asked()) {
                watched.commands.send(Aborts.conclude(0, 1, null));
                watched.commands.send(Aborts.conclude(0, 2, null));
                watched.untilOutcomes(3);
                answer(control, 200, "{\"success\":true}");
                control.awaitClosed();
            }
            stream.send(said("so", 4) + thought("again", 5));
            watched.published.untilTokens(5);
            watched.commands.send(Aborts.conclude(0, 3, null));
            watched.untilOutcomes(4);
        }
        assertThat(watched.outcomes.recorded())
                .extracting(ControlOutcome::kind)
                .startsWith(OutcomeKind.APPLIED, OutcomeKind.DUPLICATE, OutcomeKind.REFUSED, OutcomeKind.REFUSED);
        assertThat(watched.outcomes.recorded().get(2).refusal()).isEqualTo(RefusalReason.NOT_NOW);
        assertThat(watched.outcomes.recorded().get(3).refusal()).isEqualTo(RefusalReason.OTHER);
        assertThat(engine.hasNoOther()).isTrue();
    }

    @Test
    void inShadowNothingIsAsked() throws Exception {
        ControlOutcome outcome = outcomeOf("", ASKED, true, Aborts.inShadow(Aborts.conclude(0, 1, null)));
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.SHADOW);
        assertThat(outcome.detail()).isEqualTo("not armed");
    }

    @Test
    void whatDoesNotReasonIsRefused() throws Exception {
        ControlOutcome outcome = outcomeOf("", ASKED, false, Aborts.conclude(0, 1, null));
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.REFUSED);
        assertThat(outcome.refusal()).isEqualTo(RefusalReason.NOT_NOW);
        assertThat(outcome.detail()).isEqualTo("it is not reasoning");
    }

    @ParameterizedTest
    @CsvSource({"n\":2, several choices", "reasoning_control\":false, could be ended"})
    void whatTheClientAskedForMayForbidIt(String member, String why) throws Exception {
        ControlOutcome outcome =
                outcomeOf("", ASKED.replace("\"model", "\"" + member + ",\"model"), true, Aborts.conclude(0, 1, null));
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.REFUSED);
        assertThat(outcome.refusal()).isEqualTo(RefusalReason.CALLER);
        assertThat(outcome.detail()).contains(why);
    }

    @Test
    void aTextOfTheCommandIsUnsupported() throws Exception {
        assertThat(outcomeOf("", ASKED, true, Aborts.conclude(0, 1, "so")).kind())
                .isEqualTo(OutcomeKind.UNSUPPORTED);
    }

    @Test
    void aRouteThatDoesNotSaySoIsNotAskedForAnything() throws Exception {
        try (GatewayFixture gateway = new GatewayFixture(folder, yaml(""), watched.watch);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer stream = engine.accept()) {
                assertThat(MAPPER.readTree(stream.readBody(stream.readHead())).has("reasoning_control"))
                        .isFalse();
                stream.send(STREAM + thought("a", 1));
                watched.published.untilTokens(1);
                watched.commands.send(Aborts.conclude(0, 1, null));
                watched.untilOutcomes(1);
            }
        }
        assertThat(watched.outcomes.recorded().get(0).kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
    }

    private ControlOutcome outcomeOf(String more, String asked, boolean reasons, ControlCommand command)
            throws Exception {
        try (GatewayFixture gateway = gateway(more);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", asked);
            try (Peer stream = engine.asked()) {
                stream.send(STREAM + Peer.chunk(role(0)) + (reasons ? thought("a", 1) : said("a", 1)));
                watched.published.untilTokens(1);
                watched.commands.send(command);
                watched.untilOutcomes(1);
            }
        }
        assertThat(engine.hasNoOther()).isTrue();
        return watched.outcomes.recorded().get(0);
    }

    /** An answer that reasons, with two tokens. */
    private Peer reasoning(Peer client) throws Exception {
        client.post("/v1/chat/completions", ASKED);
        Peer stream = engine.asked();
        stream.send(STREAM + Peer.chunk(role(0)) + thought("a", 1) + thought("b", 2));
        watched.published.untilTokens(2);
        return stream;
    }

    /** One whose engine was asked to end its reasoning, and has said something to that. */
    private Peer concluding(Peer client, String said) throws Exception {
        Peer stream = reasoning(client);
        watched.commands.send(Aborts.conclude(0, 1, null));
        try (Peer control = engine.asked()) {
            answer(control, 200, said);
            control.awaitClosed();
        }
        return stream;
    }

    private static void answer(Peer control, int status, String body) throws IOException {
        control.send("HTTP/1.1 " + status
                + " As it is\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                + body.getBytes(UTF_8).length + "\r\n\r\n" + body);
    }

    private static String thought(String text, int counted) {
        return timed(
                event(
                        0,
                        "\"delta\":{\"reasoning_content\":\"" + text + "\"}," + LISTS.formatted(text)
                                + ",\"finish_reason\":null"),
                counted);
    }

    private static String said(String text, int counted) {
        return timed(token(0, text), counted);
    }

    private static String timed(String event, int counted) {
        return Peer.chunk(event.replace("\"choices\"", "\"timings\":{\"predicted_n\":" + counted + "},\"choices\""));
    }

    private static List<DecodedToken> tokens(StepEvents all) {
        return all.runs().stream().map(TokenRun::tokens).flatMap(List::stream).toList();
    }

    private GatewayFixture gateway(String more) throws Exception {
        return new GatewayFixture(folder, yaml(", conclude: engine" + more), watched.watch);
    }

    private String yaml(String more) {
        return "upstreams: [{name: a, url: '" + engine.url() + "', kind: llamacpp}]\n"
                + "routes: [{model: m, upstreams: [{name: a}]" + more + "}]\n";
    }
}
