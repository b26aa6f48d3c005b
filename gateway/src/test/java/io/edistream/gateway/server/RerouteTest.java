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
import io.edistream.sequences.EndReason;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.event.StepEvents;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that begin on one route and go on on another: what each engine is asked, and what the one client reads. */
@Timeout(60)
class RerouteTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String ASKED =
            "{\"model\":\"small\",\"stream\":true,\"max_tokens\":20,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

    @TempDir
    private Path folder;

    private final WatchFixture watched = new WatchFixture(0xAB);
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

    /** llama.cpp says first again what it was given, in whatever parts. */
    @ParameterizedTest
    @CsvSource({"vllm, false", "llamacpp, false", "vllm, true", "llamacpp, true"})
    void theClientReadsOneAnswer(String kind, boolean fallback) throws Exception {
        try (GatewayFixture gateway = gateway(kind, fallback);
                Peer client = gateway.client()) {
            client.post(
                    "/v1/chat/completions",
                    ASKED.replace("\"max", "\"stream_options\":{\"include_usage\":true},\"max"));
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(role(0)) + Peer.chunk(token(0, "one")));
                String head = client.readHead();
                reroute(first);
                first.send(Peer.chunk(token(0, " kept")));
                int tokens = kind.equals("llamacpp") ? 2 : 1;
                try (Peer second = large.accept()) {
                    JsonNode asked = MAPPER.readTree(second.readBody(second.readHead()));
                    assertThat(asked.at("/messages").toString())
                            .isEqualTo(
                                    "[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":\"ones\"}]");
                    assertThat(asked.at("/max_tokens").asInt()).isEqualTo(18);
                    assertThat(asked.at("/model").asText()).isEqualTo("big");
                    assertThat(asked.has("continue_final_message")).isEqualTo(kind.equals("vllm"));
                    second.send(STREAM + Peer.chunk(other(role(0))));
                    if (kind.equals("llamacpp")) {
                        second.send(Peer.chunk(other(token(0, "on"))) + Peer.chunk(other(token(0, "es two"))));
                    } else {
                        second.send(Peer.chunk(other(token(0, " two"))));
                    }
                    first.awaitClosed();
                    second.send(Peer.chunk(other(finish(0, "length"))) + Peer.chunk(other(usage(9, tokens)))
                            + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                    String got = new String(client.readBody(head), UTF_8);
                    assertThat(text(got, 0)).isEqualTo("ones two");
                    assertThat(got).doesNotContain("kept", "c2").endsWith("data: [DONE]\n\n");
                    assertThat(events(got))
                            .allMatch(event -> event.path("id").asText().equals("c1"));
                    assertThat(events(got).stream()
                                    .filter(event -> event.at("/edistream").has("action")))
                            .singleElement()
                            .satisfies(event -> assertThat(event.get("edistream"))
                                    .isEqualTo(MAPPER.readTree(
                                            "{\"choice\":0,\"action\":\"reroute\",\"reason\":\"too high\","
                                                    + "\"rule\":\"rule-1\",\"token\":2,\"route\":\"large\"}")));
                    assertThat(events(got).stream().filter(event -> event.hasNonNull("usage")))
                            .singleElement()
                            .satisfies(event -> {
                                assertThat(event.get("usage").toString())
                                        .isEqualTo("{\"prompt_tokens\":7,\"completion_tokens\":" + (2 + tokens)
                                                + ",\"total_tokens\":" + (9 + tokens) + "}");
                                assertThat(event.at("/edistream/usage").toString())
                                        .isEqualTo(
                                                "[{\"upstream\":\"a\",\"completion_tokens\":3,\"discarded_tokens\":1},"
                                                        + "{\"upstream\":\"b\",\"prompt_tokens\":9,\"completion_tokens\":"
                                                        + tokens
                                                        + ",\"discarded_tokens\":0}]");
                            });
                }
            }
            StepEvents all = watched.published.untilEnds(2);
            assertThat(all.ends())
                    .extracting(end -> end.sequence() + " " + end.reason() + " " + end.tokens())
                    .containsExactlyInAnyOrder("0 REROUTED 2", "1 LENGTH " + (kind.equals("llamacpp") ? 2 : 1));
            assertThat(all.starts().get(1).continues())
                    .isEqualTo(new Continuation(0, Continuation.Cause.REROUTE, Continuation.Method.BY_TEXT, 2));
            assertThat(all.starts().get(1).route()).isEqualTo("large");
            assertThat(watched.outcomes.recorded()).singleElement().satisfies(outcome -> {
                assertThat(outcome.kind()).isEqualTo(OutcomeKind.APPLIED);
                assertThat(outcome.continuedBy()).isEqualTo(1);
            });
            gateway.awaitMetric(
                    "edistream_gateway_reroutes_total{from=\"small\",outcome=\"by_text\",to=\"large\"} 1.0");
            gateway.awaitMetric("edistream_gateway_upstream_requests{upstream=\"a\"} 0.0");
            gateway.awaitMetric("edistream_gateway_upstream_requests{upstream=\"b\"} 0.0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"closed", "status", "error", "ends", "done", "contradicts"})
    void withAFallbackTheFirstGoesOnIfTheOtherCannot(String how) throws Exception {
        try (GatewayFixture gateway = gateway("llamacpp", true);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                String head = isMoved(first, client);
                try (Peer second = large.asked()) {
                    fail(second, how);
                }
                if (how.equals("contradicts")) {
                    assertThat(new String(client.readBody(head), UTF_8)).contains("\"error\"", "another text");
                    return;
                }
                first.send(Peer.chunk(token(0, " on")) + Peer.chunk(finish(0, "stop")) + Peer.chunk("data: [DONE]\n\n")
                        + "0\r\n\r\n");
                String got = new String(client.readBody(head), UTF_8);
                assertThat(text(got, 0)).isEqualTo("ones kept on");
                assertThat(got).endsWith("data: [DONE]\n\n").doesNotContain("edistream");
            }
            assertThat(watched.published.untilEnds(2).ends())
                    .extracting(end -> end.sequence() + " " + end.reason() + " " + end.tokens())
                    .containsExactlyInAnyOrder("1 ERROR 0", "0 END_OF_SEQUENCE 4");
            gateway.awaitMetric("edistream_gateway_reroutes_total{from=\"small\",outcome=\"failed\",to=\"large\"} 1.0");
        }
    }

    private static void fail(Peer second, String how) throws IOException {
        switch (how) {
            case "closed" -> second.close();
            case "status" -> second.send("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
            case "error" -> second.send(STREAM + Peer.chunk("data: {\"error\":{\"message\":\"no\"}}\n\n"));
            case "ends" -> second.send(STREAM + "0\r\n\r\n");
            case "done" -> second.send(STREAM + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
            default -> second.send(STREAM + Peer.chunk(token(0, "something else")));
        }
    }

    @Test
    void withoutAFallbackTheClientHearsOfIt() throws Exception {
        try (GatewayFixture gateway = gateway("vllm", false);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                String head = isMoved(first, client);
                first.awaitClosed();
                large.asked().close();
                String got = new String(client.readBody(head), UTF_8);
                assertThat(text(got, 0)).isEqualTo("ones");
                assertThat(got)
                        .contains("the answer was to go on with route large, and upstream b broke off before it"
                                + " answered");
            }
            assertThat(watched.published.untilEnds(2).ends())
                    .extracting(end -> end.sequence() + " " + end.reason())
                    .containsExactlyInAnyOrder("1 ERROR", "0 ERROR");
        }
    }

    @Test
    void whatEndsBeforeThereIsAPlaceToCutStays() throws Exception {
        try (GatewayFixture gateway = gateway("vllm", false);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(token(0, "one")));
                String head = client.readHead();
                reroute(first);
                first.send(Peer.chunk(finish(0, "stop")) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                assertThat(text(new String(client.readBody(head), UTF_8), 0)).isEqualTo("ones");
            }
            gateway.awaitMetric(
                    "edistream_gateway_reroutes_total{from=\"small\",outcome=\"ended_before\",to=\"large\"} 1.0");
            assertThat(large.hasNoOther()).isTrue();
        }
    }

    @Test
    void aTextWithoutAPlaceToCutIsNotCut() throws Exception {
        try (GatewayFixture gateway = gateway("vllm", false);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED.replace("20", "1000"));
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(token(0, "one")));
                String head = client.readHead();
                watched.published.untilTokens(1);
                watched.commands.send(Aborts.reroute(0, 0, "large"));
                watched.untilOutcomes(1);
                // Whoever was told before this is asked for has heard it when it is answered.
                gateway.metrics();
                first.send(Peer.chunk(token(0, "s")));
                for (int i = 1; i < Handover.MAX_TOKENS_TO_CUT; i++) {
                    first.send(Peer.chunk(token(0, "x")));
                }
                watched.published.untilTokens(1 + Handover.MAX_TOKENS_TO_CUT);
                assertThat(gateway.metrics())
                        .contains(
                                "edistream_gateway_reroutes_total{from=\"small\",outcome=\"no_boundary\",to=\"large\"}"
                                        + " 0.0");
                first.send(Peer.chunk(token(0, "x")));
                gateway.awaitMetric(
                        "edistream_gateway_reroutes_total{from=\"small\",outcome=\"no_boundary\",to=\"large\"} 1.0");
                first.send(Peer.chunk(finish(0, "stop")) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                assertThat(text(new String(client.readBody(head), UTF_8), 0)).isEqualTo("ones" + "x".repeat(64));
            }
        }
    }

    @Test
    void aCommandThatEndsTheAnswerMeanwhileEndsBoth() throws Exception {
        try (GatewayFixture gateway = gateway("vllm", true);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                String head = isMoved(first, client);
                try (Peer second = large.asked()) {
                    watched.commands.send(Aborts.of(0, 1));
                    second.awaitClosed();
                    first.awaitClosed();
                }
                String got = new String(client.readBody(head), UTF_8);
                assertThat(text(got, 0)).isEqualTo("ones");
                assertThat(got).contains("\"action\":\"abort\"").endsWith("data: [DONE]\n\n");
            }
            assertThat(watched.published.untilEnds(2).ends())
                    .extracting(end -> end.sequence() + " " + end.reason() + " " + end.tokens())
                    .containsExactlyInAnyOrder("0 ABORTED 2", "1 ABORTED 0");
            gateway.awaitMetric("edistream_gateway_upstream_requests{upstream=\"a\"} 0.0");
            gateway.awaitMetric("edistream_gateway_upstream_requests{upstream=\"b\"} 0.0");
        }
    }

    @Test
    void aClientThatLeavesMeanwhileClosesBoth() throws Exception {
        try (GatewayFixture gateway = gateway("vllm", true)) {
            Peer client = gateway.client();
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                String unused = isMoved(first, client);
                try (Peer second = large.asked()) {
                    client.close();
                    second.awaitClosed();
                    first.awaitClosed();
                }
            }
            gateway.awaitMetric("edistream_gateway_upstream_requests{upstream=\"b\"} 0.0");
        }
    }

    @Test
    void anAnswerMovesAsOftenAsItsRouteSays() throws Exception {
        try (GatewayFixture gateway = twice();
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                String head = isMoved(first, client);
                try (Peer second = large.asked()) {
                    second.send(STREAM + Peer.chunk(other(token(0, " two"))));
                    watched.published.untilTokens(3);
                    watched.commands.send(Aborts.reroute(1, 0, "third"));
                    watched.untilOutcomes(2);
                    second.send(Peer.chunk(other(token(0, "s"))));
                    watched.published.untilTokens(4);
                    second.send(Peer.chunk(other(token(0, " kept"))));
                    try (Peer third = small.accept()) {
                        JsonNode asked = MAPPER.readTree(third.readBody(third.readHead()));
                        assertThat(asked.at("/messages/1/content").asText()).isEqualTo("ones twos");
                        assertThat(asked.at("/max_tokens").asInt()).isEqualTo(16);
                        third.send(STREAM + Peer.chunk(token(0, " three")) + Peer.chunk(finish(0, "stop"))
                                + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                        assertThat(text(new String(client.readBody(head), UTF_8), 0))
                                .isEqualTo("ones twos three");
                    }
                }
            }
            assertThat(watched.published.untilEnds(3).ends())
                    .extracting(end -> end.sequence() + " " + end.reason() + " " + end.tokens())
                    .containsExactlyInAnyOrder("0 REROUTED 2", "1 REROUTED 2", "2 END_OF_SEQUENCE 1");
        }
    }

    /** Its client has tokens, though none of them is of the sequence that goes on. */
    @Test
    void whatWentOnElsewhereDoesNotBeginAgain() throws Exception {
        try (GatewayFixture gateway = twice();
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                String unused = isMoved(first, client);
                try (Peer second = large.asked()) {
                    second.send(STREAM + Peer.chunk(other(role(0))));
                    watched.published.untilEnds(1);
                    watched.commands.send(Aborts.rerouteFromPrompt(1, 0, "third"));
                    watched.untilOutcomes(2);
                    assertThat(watched.outcomes.recorded().get(1).refusal()).isEqualTo(RefusalReason.CALLER);
                }
            }
        }
    }

    private GatewayFixture twice() throws Exception {
        String third = "{model: third, upstreams: [{name: a, model: other}]}";
        String yaml = yaml("vllm", ", reroutes: 2").replace("big}]}]", "big}], reroutes: 2}, " + third + "]");
        return new GatewayFixture(folder, yaml, watched.watch);
    }

    /** An answer in one piece may begin anew: its client has nothing of it. */
    @Test
    void anAnswerInOnePieceIsMadeOfBoth() throws Exception {
        try (GatewayFixture gateway = gateway("vllm", false);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED.replace("\"stream\":true,", ""));
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(token(0, "one")));
                reroute(first);
                first.send(Peer.chunk(token(0, " kept")));
                try (Peer second = large.asked()) {
                    second.send(STREAM + Peer.chunk(other(token(0, " two"))) + Peer.chunk(other(finish(0, "stop")))
                            + Peer.chunk(other(usage(9, 1))) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                    String head = client.readHead();
                    JsonNode body = MAPPER.readTree(client.readBody(head));
                    assertThat(body.at("/choices/0/message/content").asText()).isEqualTo("ones two");
                    assertThat(body.at("/id").asText()).isEqualTo("c1");
                    assertThat(body.at("/edistream/rerouted/0/route").asText()).isEqualTo("large");
                    assertThat(body.at("/usage/completion_tokens").asInt()).isEqualTo(3);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"n\":2 | CALLER | several choices",
                "\"tools\":[{}] | CALLER | tools",
                "\"response_format\":{\"type\":\"json_object\"} | CALLER | a form",
                "\"logprobs\":true | CALLER | log-probabilities",
                "\"max_completion_tokens\":1 | CALLER | nothing is left of the 1 tokens",
            })
    void whatTheClientAskedForMayForbidIt(String member, RefusalReason reason, String why) throws Exception {
        assertRefused(ASKED.replace("\"max_tokens\":20", member), "large", reason, why);
    }

    @Test
    void routesThatCannotAreRefused() throws Exception {
        assertRefused(ASKED, "small", RefusalReason.NOT_NOW, "of route small already");
    }

    @Test
    void aRouteThatIsNotThereIsUnsupported() throws Exception {
        assertThat(outcomeOf(ASKED, "none").kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
    }

    private void assertRefused(String asked, String route, RefusalReason reason, String why) throws Exception {
        ControlOutcome outcome = outcomeOf(asked, route);
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.REFUSED);
        assertThat(outcome.refusal()).isEqualTo(reason);
        assertThat(outcome.detail()).contains(why);
    }

    private ControlOutcome outcomeOf(String asked, String route) throws Exception {
        try (GatewayFixture gateway = gateway("vllm", false);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", asked);
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(token(0, "one")));
                client.readHead();
                watched.published.untilTokens(1);
                watched.commands.send(Aborts.reroute(0, 0, route));
                watched.untilOutcomes(1);
            }
        }
        assertThat(large.hasNoOther()).isTrue();
        return watched.outcomes.recorded().get(0);
    }

    @Test
    void anEngineThatIsNotKnownToGoOnIsUnsupported() throws Exception {
        try (GatewayFixture gateway = gateway("openai", false);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(token(0, "one")));
                client.readHead();
                watched.published.untilTokens(1);
                watched.commands.send(Aborts.reroute(0, 0, "large"));
                watched.untilOutcomes(1);
            }
        }
        assertThat(watched.outcomes.recorded().get(0).kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
        assertThat(watched.outcomes.recorded().get(0).detail())
                .contains("engines of kind openai are not known to go on");
    }

    /** Who of a route goes on is drawn as who of it begins: all answers that move may not go to one. */
    @Test
    void answersThatMoveAreSharedByWeights() throws Exception {
        String yaml = yaml("vllm", ", reroutes: 1")
                .replace("}]\nroutes", "}, {name: c, url: '" + large.url() + "', kind: vllm}]\nroutes")
                .replace("{name: b, model: big}", "{name: b, model: big}, {name: c, model: big, weight: 3}");
        int answers = 24;
        try (GatewayFixture gateway = new GatewayFixture(folder, yaml, watched.watch);
                Peer client = gateway.client()) {
            for (int i = 0; i < answers; i++) {
                client.post("/v1/chat/completions", ASKED);
                try (Peer first = small.asked()) {
                    first.send(STREAM + Peer.chunk(token(0, "one")));
                    String head = client.readHead();
                    watched.published.untilTokens(i + 1);
                    watched.commands.send(Aborts.reroute(2L * i, 0, "large"));
                    watched.untilOutcomes(i + 1);
                    first.send(Peer.chunk(finish(0, "stop")) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                    client.readBody(head);
                }
            }
        }
        Map<String, Long> chosen = watched.published.untilEnds(2 * answers).starts().stream()
                .filter(start -> start.continues() != null)
                .collect(Collectors.groupingBy(SequenceStarted::engine, Collectors.counting()));
        assertThat(chosen).containsOnlyKeys("b", "c");
        assertThat(chosen.get("c")).isGreaterThan(chosen.get("b"));
    }

    @Test
    void aRouteThatDoesNotSaySoNeverGoesOnElsewhere() throws Exception {
        try (GatewayFixture gateway = new GatewayFixture(folder, yaml("vllm", ""), watched.watch);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = small.asked()) {
                first.send(STREAM + Peer.chunk(token(0, "one")));
                client.readHead();
                watched.published.untilTokens(1);
                watched.commands.send(Aborts.reroute(0, 0, "large"));
                watched.untilOutcomes(1);
            }
        }
        assertThat(watched.outcomes.recorded().get(0).kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
        assertThat(watched.published.untilEnds(1).ends().get(0).reason()).isNotEqualTo(EndReason.REROUTED);
    }

    /** An answer whose client has "ones" of it, and that is to go on elsewhere from there; returns its head. */
    private String isMoved(Peer first, Peer client) throws Exception {
        first.send(STREAM + Peer.chunk(token(0, "one")));
        String head = client.readHead();
        reroute(first);
        first.send(Peer.chunk(token(0, " kept")));
        return head;
    }

    /** Commands the first sequence, which has a token, away; when this returns the loop knows of it. */
    private void reroute(Peer first) throws Exception {
        watched.published.untilTokens(1);
        watched.commands.send(Aborts.reroute(0, 0, "large"));
        watched.untilOutcomes(1);
        first.send(Peer.chunk(token(0, "s")));
        watched.published.untilTokens(2);
    }

    /** The other engine calls its answer something else. */
    private static String other(String event) {
        return event.replace("\"c1\"", "\"c2\"");
    }

    private GatewayFixture gateway(String kind, boolean fallback) throws Exception {
        return new GatewayFixture(
                folder, yaml(kind, ", reroutes: 1" + (fallback ? ", fallback: first" : "")), watched.watch);
    }

    private String yaml(String kind, String more) {
        return "upstreams: [{name: a, url: '" + small.url() + "', kind: vllm}, {name: b, url: '" + large.url()
                + "', kind: " + kind + "}]\n"
                + "routes: [{model: small, upstreams: [{name: a}]" + more
                + "}, {model: large, upstreams: [{name: b, model: big}]}]\n";
    }
}
