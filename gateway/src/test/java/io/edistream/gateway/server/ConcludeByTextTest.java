package io.edistream.gateway.server;

import static io.edistream.gateway.server.ChatEvents.LISTS;
import static io.edistream.gateway.server.ChatEvents.STREAM;
import static io.edistream.gateway.server.ChatEvents.event;
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
import io.edistream.sequences.Effect;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Phase;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.event.StepEvents;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers whose reasoning ends by a text: the stream is closed, and the same route goes on behind it. */
@Timeout(60)
class ConcludeByTextTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String ASKED =
            "{\"model\":\"m\",\"stream\":true,\"max_tokens\":20,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    private static final String CLOSING = "\nSo:</think>\n";
    private static final String TAGS =
            ", thinking: {open: '<think>', close: '</think>', conclude: \"\\nSo:</think>\\n\"}";
    private static final String COUNTED =
            "edistream_gateway_concludes_total{how=\"text\",outcome=\"%s\",route=\"m\"} 1.0";

    @TempDir
    private Path folder;

    private final WatchFixture watched = new WatchFixture(0xAD);
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

    /** llama.cpp says first again what it was given, what was put behind it included. */
    @ParameterizedTest
    @CsvSource({"vllm, true", "llamacpp, true", "vllm, false"})
    void theClientReadsOneAnswer(String kind, boolean streamed) throws Exception {
        String wanted = ASKED.replace("\"max", "\"stream_options\":{\"include_usage\":true},\"max");
        try (GatewayFixture gateway = gateway(kind, TAGS);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", streamed ? wanted : ASKED.replace("\"stream\":true,", ""));
            try (Peer first = engine.asked()) {
                isConcluded(first);
                first.awaitClosed();
                try (Peer second = engine.accept()) {
                    JsonNode asked = MAPPER.readTree(second.readBody(second.readHead()));
                    assertThat(asked.at("/messages/1/content").asText()).isEqualTo("<think>hm" + CLOSING);
                    assertThat(asked.at("/messages/1/role").asText()).isEqualTo("assistant");
                    assertThat(asked.at("/max_tokens").asInt()).isEqualTo(17);
                    second.send(STREAM + Peer.chunk(other(role(0))));
                    if (kind.equals("llamacpp")) {
                        second.send(Peer.chunk(other(event(
                                0,
                                "\"delta\":{\"content\":\"<think>hm\\nSo:</think>\\n4\"}," + LISTS.formatted("4")
                                        + ",\"finish_reason\":null"))));
                    } else {
                        second.send(Peer.chunk(other(token(0, "4"))));
                    }
                    second.send(Peer.chunk(other(finish(0, "stop"))) + Peer.chunk(other(usage(12, 1)))
                            + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                }
            }
            String got = new String(client.readBody(client.readHead()), UTF_8);
            String notice =
                    "{\"choice\":0,\"action\":\"conclude\",\"reason\":\"too high\",\"rule\":\"rule-1\",\"token\":3}";
            if (streamed) {
                assertThat(text(got, 0)).isEqualTo("<think>hm" + CLOSING + "4");
                assertThat(events(got))
                        .allMatch(event -> event.path("id").asText().equals("c1"));
                assertThat(events(got).stream()
                                .filter(event -> event.at("/edistream").has("action")))
                        .singleElement()
                        .satisfies(event -> assertThat(event.get("edistream")).isEqualTo(MAPPER.readTree(notice)));
                assertThat(events(got).stream()
                                .filter(event -> event.path("choices").isEmpty()))
                        .singleElement()
                        .satisfies(event -> {
                            assertThat(event.at("/usage/prompt_tokens").asInt()).isEqualTo(10);
                            assertThat(event.at("/usage/completion_tokens").asInt())
                                    .isEqualTo(4);
                        });
                assertThat(got).endsWith("data: [DONE]\n\n").doesNotContain("c2");
            } else {
                JsonNode body = MAPPER.readTree(got);
                assertThat(body.at("/choices/0/message/content").asText()).isEqualTo("<think>hm" + CLOSING + "4");
                assertThat(body.at("/edistream/concluded")).isEqualTo(MAPPER.readTree("[" + notice + "]"));
            }
            gateway.awaitMetric(COUNTED.formatted("concluded"));
            gateway.awaitMetric("edistream_gateway_upstream_requests{upstream=\"a\"} 0.0");
        }
        StepEvents all = watched.published.untilEnds(2);
        assertThat(all.ends())
                .extracting(end -> end.sequence() + " " + end.reason() + " " + end.tokens())
                .containsExactlyInAnyOrder("0 CONCLUDED 3", "1 END_OF_SEQUENCE 1");
        assertThat(all.starts().get(1).continues())
                .isEqualTo(new Continuation(0, Continuation.Cause.CONCLUDE, Continuation.Method.BY_TEXT, 3));
        assertThat(all.runs().stream().filter(run -> run.sequence() == 1).flatMap(run -> run.tokens().stream()))
                .allMatch(token -> !token.forced() && token.phase() == Phase.ANSWERING);
        assertThat(watched.outcomes.recorded()).singleElement().satisfies(outcome -> {
            assertThat(outcome.kind()).isEqualTo(OutcomeKind.APPLIED);
            assertThat(outcome.effect()).isEqualTo(Effect.STOPPED);
            assertThat(outcome.continuedBy()).isEqualTo(1);
        });
    }

    /** Where ids are known reasoning may come apart from the text: the engine is given both, and the client sees no tag. */
    @Test
    void reasoningOfItsOwnGoesOnByIds() throws Exception {
        try (GatewayFixture gateway = gateway("llamacpp", TAGS);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = engine.asked()) {
                first.send(STREAM + Peer.chunk(thought("hm", 11)));
                watched.published.untilTokens(1);
                watched.commands.send(Aborts.conclude(0, 0, null));
                engineSays("/apply-template", "{\"prompt\":\"<hi>\"}");
                engineSays("/tokenize", "{\"tokens\":[1,2]}");
                JsonNode closing = engineSays("/tokenize", "{\"tokens\":[21,22]}");
                assertThat(closing.path("content").asText()).isEqualTo(CLOSING);
                assertThat(closing.path("parse_special").asBoolean()).isTrue();
                first.awaitClosed();
                try (Peer second = engine.accept()) {
                    String head = second.readHead();
                    assertThat(head).startsWith("POST /v1/completions ");
                    assertThat(MAPPER.readTree(second.readBody(head))
                                    .get("prompt")
                                    .toString())
                            .isEqualTo("[1,2,11,21,22]");
                    second.send(STREAM
                            + Peer.chunk(
                                    "data: {\"id\":\"c2\",\"object\":\"text_completion\",\"choices\":[{\"index\":0,"
                                            + "\"text\":\"4\",\"finish_reason\":\"stop\"}]}\n\n")
                            + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                }
            }
            String got = new String(client.readBody(client.readHead()), UTF_8);
            assertThat(text(got, 0)).isEqualTo("4");
            assertThat(got).contains("\"action\":\"conclude\"").doesNotContain("</think>");
            gateway.awaitMetric(COUNTED.formatted("concluded"));
        }
        assertThat(watched.published.untilEnds(2).starts().get(1).continues())
                .isEqualTo(new Continuation(0, Continuation.Cause.CONCLUDE, Continuation.Method.BY_IDS, 1));
    }

    /** What a tokenizer does not say is not taken for no tokens: then it goes on from the text. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aTokenizerThatTellsNoTokensIsNotBelieved(int told) throws Exception {
        try (GatewayFixture gateway = gateway("llamacpp", "");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = engine.asked()) {
                first.send(STREAM + Peer.chunk(thought("one", 11).replace("reasoning_content", "content")));
                watched.published.untilTokens(1);
                watched.commands.send(Aborts.conclude(0, 0, " In short:"));
                engineSays("/apply-template", "{\"prompt\":\"<hi>\"}");
                if (told > 0) {
                    engineSays("/tokenize", "{\"tokens\":[1,2]}");
                }
                engineSays("/tokenize", "{}");
                first.send(Peer.chunk(token(0, " kept")));
                try (Peer second = engine.accept()) {
                    String head = second.readHead();
                    assertThat(head).startsWith("POST /v1/chat/completions ");
                    assertThat(MAPPER.readTree(second.readBody(head))
                                    .at("/messages/1/content")
                                    .asText())
                            .isEqualTo("one In short:");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTextOfTheCommandNeedsNoReasoning(boolean own) throws Exception {
        try (GatewayFixture gateway = gateway("vllm", "");
                Peer client = gateway.client()) {
            client.post("/v1/completions", "{\"model\":\"m\",\"stream\":true,\"prompt\":\"hi\"}");
            try (Peer first = engine.asked()) {
                first.send(STREAM + Peer.chunk(completion("one")));
                watched.published.untilTokens(1);
                watched.commands.send(Aborts.conclude(0, 0, own ? null : " In short:"));
                watched.untilOutcomes(1);
                if (own) {
                    assertThat(watched.outcomes.recorded().get(0).kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
                    return;
                }
                assertThat(watched.outcomes.recorded().get(0).kind()).isEqualTo(OutcomeKind.APPLIED);
                first.send(Peer.chunk(completion("s")));
                watched.published.untilTokens(2);
                first.send(Peer.chunk(completion(" kept")));
                try (Peer second = engine.accept()) {
                    assertThat(MAPPER.readTree(second.readBody(second.readHead()))
                                    .get("prompt")
                                    .asText())
                            .isEqualTo("hiones In short:");
                    second.send(STREAM + Peer.chunk(completion(" two").replace("null", "\"stop\""))
                            + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                }
            }
            StringBuilder text = new StringBuilder();
            for (JsonNode event : events(new String(client.readBody(client.readHead()), UTF_8))) {
                text.append(event.at("/choices/0/text").asText(""));
            }
            assertThat(text.toString()).isEqualTo("ones In short: two");
        }
    }

    /** A route's limit is for answers that go on with another route. */
    @Test
    void aConclusionIsNoReroute() throws Exception {
        try (GatewayFixture gateway =
                        gateway("vllm", ", reroutes: 1}, {model: other, upstreams: [{name: a, model: o}]");
                Peer client = gateway.client()) {
            client.post("/v1/completions", "{\"model\":\"m\",\"stream\":true,\"prompt\":\"hi\"}");
            try (Peer first = engine.asked()) {
                first.send(STREAM + Peer.chunk(completion("one")));
                watched.published.untilTokens(1);
                watched.commands.send(Aborts.conclude(0, 0, " In short:"));
                watched.untilOutcomes(1);
                keepsWhatComes(first, completion("s"), completion(" kept"), 2);
                try (Peer second = engine.asked()) {
                    second.send(STREAM + Peer.chunk(completion(" two")));
                    watched.published.untilTokens(3);
                    watched.commands.send(Aborts.reroute(1, 0, "other"));
                    watched.untilOutcomes(2);
                }
            }
        }
        assertThat(watched.outcomes.recorded().stream().limit(2))
                .extracting(ControlOutcome::kind)
                .containsExactly(OutcomeKind.APPLIED, OutcomeKind.APPLIED);
    }

    /** The client allows so many tokens of all of the answer. */
    @Test
    void whatIsLeftIsLessByWhatAnotherRouteHasSaid() throws Exception {
        String other = ", reroutes: 1}, {model: other, upstreams: [{name: a, model: o}], conclude: text";
        try (GatewayFixture gateway = gateway("vllm", other);
                Peer client = gateway.client()) {
            client.post("/v1/completions", "{\"model\":\"m\",\"stream\":true,\"max_tokens\":3,\"prompt\":\"hi\"}");
            try (Peer first = engine.asked()) {
                first.send(STREAM + Peer.chunk(completion("one")));
                watched.published.untilTokens(1);
                watched.commands.send(Aborts.reroute(0, 0, "other"));
                watched.untilOutcomes(1);
                keepsWhatComes(first, completion("s"), completion(" kept"), 2);
                try (Peer second = engine.asked()) {
                    second.send(STREAM + Peer.chunk(completion(" two")));
                    watched.published.untilTokens(3);
                    watched.commands.send(Aborts.conclude(1, 0, " In short:"));
                    watched.untilOutcomes(2);
                }
            }
        }
        ControlOutcome outcome = watched.outcomes.recorded().get(1);
        assertThat(outcome.refusal()).isEqualTo(RefusalReason.CALLER);
        assertThat(outcome.detail()).contains("nothing is left of the 3 tokens");
    }

    /** The first upstream is closed before it says how long its prompt is, the second says it, and the third one's has the forced text. */
    @Test
    void theForcedTextIsNoPartOfTheClientsPrompt() throws Exception {
        String other = ", reroutes: 1}, {model: other, upstreams: [{name: a, model: o}], conclude: text";
        try (GatewayFixture gateway = gateway("vllm", other);
                Peer client = gateway.client()) {
            client.post(
                    "/v1/chat/completions",
                    ASKED.replace("\"max", "\"stream_options\":{\"include_usage\":true},\"max"));
            try (Peer first = engine.asked()) {
                first.send(STREAM + Peer.chunk(role(0)) + Peer.chunk(token(0, "one")));
                watched.published.untilTokens(1);
                watched.commands.send(Aborts.reroute(0, 0, "other"));
                watched.untilOutcomes(1);
                keepsWhatComes(first, token(0, "s"), token(0, " kept"), 2);
                try (Peer second = engine.asked()) {
                    second.send(STREAM + Peer.chunk(usageAtOnce(token(0, " two"))));
                    watched.published.untilTokens(3);
                    watched.commands.send(Aborts.conclude(1, 0, " In short:"));
                    watched.untilOutcomes(2);
                    keepsWhatComes(second, token(0, "s"), token(0, " kept"), 4);
                    try (Peer third = engine.asked()) {
                        third.send(STREAM + Peer.chunk(token(0, " three")) + Peer.chunk(finish(0, "stop"))
                                + Peer.chunk(usage(14, 1)) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                        String got = new String(client.readBody(client.readHead()), UTF_8);
                        assertThat(text(got, 0)).isEqualTo("ones twos In short: three");
                        JsonNode last = events(got).get(events(got).size() - 1);
                        assertThat(last.at("/usage/prompt_tokens").asInt()).isEqualTo(8);
                        assertThat(last.at("/usage/completion_tokens").asInt()).isEqualTo(5);
                    }
                }
            }
        }
    }

    @Test
    void anUpstreamThatCannotGoOnIsToldOf() throws Exception {
        try (GatewayFixture gateway = gateway("vllm", TAGS);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = engine.asked()) {
                isConcluded(first);
                first.awaitClosed();
                engine.asked().close();
                String got = new String(client.readBody(client.readHead()), UTF_8);
                assertThat(text(got, 0)).isEqualTo("<think>hm");
                assertThat(got)
                        .contains("the answer was to go on behind its reasoning, and upstream a broke off before it"
                                + " answered");
            }
            gateway.awaitMetric(COUNTED.formatted("failed"));
        }
        assertThat(watched.published.untilEnds(2).ends())
                .extracting(end -> end.sequence() + " " + end.reason())
                .containsExactlyInAnyOrder("1 ERROR", "0 ERROR");
        watched.untilOutcomes(2);
        assertThat(watched.outcomes.recorded())
                .extracting(ControlOutcome::kind)
                .containsExactly(OutcomeKind.APPLIED, OutcomeKind.WITHDRAWN);
    }

    /** Before there is a place to cut. */
    @Test
    void whatEndsItsReasoningItselfIsLeftAlone() throws Exception {
        try (GatewayFixture gateway = gateway("vllm", TAGS);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = engine.asked()) {
                first.send(STREAM + Peer.chunk(token(0, "<think>hm")));
                watched.published.untilTokens(1);
                watched.commands.send(Aborts.conclude(0, 0, null));
                watched.untilOutcomes(1);
                // No place to cut is in the middle of the tag, nor is one behind it.
                first.send(Peer.chunk(token(0, "</th")) + Peer.chunk(token(0, "ink> so")));
                watched.untilOutcomes(2);
                first.send(Peer.chunk(finish(0, "stop")) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
                String got = new String(client.readBody(client.readHead()), UTF_8);
                assertThat(text(got, 0)).isEqualTo("<think>hm</think> so");
                assertThat(got).doesNotContain("edistream");
            }
            gateway.awaitMetric(COUNTED.formatted("ended_before"));
            assertThat(engine.hasNoOther()).isTrue();
        }
        assertThat(watched.outcomes.recorded())
                .extracting(ControlOutcome::kind)
                .containsExactly(OutcomeKind.APPLIED, OutcomeKind.WITHDRAWN);
        assertThat(watched.published.untilEnds(2).ends())
                .extracting(end -> end.sequence() + " " + end.reason() + " " + end.tokens())
                .containsExactlyInAnyOrder("1 ERROR 0", "0 END_OF_SEQUENCE 3");
    }

    @Test
    void aCommandThatEndsTheAnswerMeanwhileEndsBoth() throws Exception {
        try (GatewayFixture gateway = gateway("vllm", TAGS);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = engine.asked()) {
                isConcluded(first);
                try (Peer second = engine.asked()) {
                    watched.commands.send(Aborts.of(0, 5));
                    second.awaitClosed();
                }
                String got = new String(client.readBody(client.readHead()), UTF_8);
                assertThat(text(got, 0)).isEqualTo("<think>hm");
                assertThat(got).contains("\"action\":\"abort\"").endsWith("data: [DONE]\n\n");
            }
            gateway.awaitMetric("edistream_gateway_upstream_requests{upstream=\"a\"} 0.0");
        }
        assertThat(watched.published.untilEnds(1).ends().get(0).reason()).isEqualTo(EndReason.ABORTED);
    }

    @Test
    void itIsDoneOnce() throws Exception {
        try (GatewayFixture gateway = gateway("vllm", TAGS);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", ASKED);
            try (Peer first = engine.asked()) {
                isConcluded(first);
                try (Peer second = engine.asked()) {
                    watched.commands.send(Aborts.conclude(0, 0, null));
                    watched.commands.send(Aborts.conclude(0, 2, null));
                    watched.untilOutcomes(3);
                    second.send(STREAM + Peer.chunk(other(token(0, "<think>again"))));
                    watched.published.untilTokens(4);
                    watched.commands.send(Aborts.conclude(1, 0, null));
                    watched.untilOutcomes(4);
                }
            }
        }
        assertThat(watched.outcomes.recorded().stream()
                        .limit(4)
                        .map(outcome -> outcome.kind() + " " + outcome.refusal()))
                .containsExactly("APPLIED null", "DUPLICATE null", "REFUSED NOT_NOW", "REFUSED OTHER");
    }

    @Test
    void inShadowNothingIsAsked() throws Exception {
        ControlOutcome outcome = outcomeOf(ASKED, "<think>hm", Aborts.inShadow(Aborts.conclude(0, 0, null)));
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.SHADOW);
        assertThat(outcome.detail()).isEqualTo("not armed");
    }

    @Test
    void whatDoesNotReasonIsRefused() throws Exception {
        ControlOutcome outcome = outcomeOf(ASKED, "hm", Aborts.conclude(0, 0, null));
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.REFUSED);
        assertThat(outcome.refusal()).isEqualTo(RefusalReason.NOT_NOW);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"n\":2 | several choices",
                "\"tools\":[{}] | tools",
                "\"response_format\":{\"type\":\"json_object\"} | a form",
                "\"logprobs\":true | log-probabilities",
                "\"max_completion_tokens\":1 | nothing is left of the 1 tokens",
            })
    void whatTheClientAskedForMayForbidIt(String member, String why) throws Exception {
        ControlOutcome outcome =
                outcomeOf(ASKED.replace("\"max_tokens\":20", member), "<think>hm", Aborts.conclude(0, 0, null));
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.REFUSED);
        assertThat(outcome.refusal()).isEqualTo(RefusalReason.CALLER);
        assertThat(outcome.detail()).contains(why);
    }

    private ControlOutcome outcomeOf(String asked, String says, ControlCommand command) throws Exception {
        try (GatewayFixture gateway = gateway("vllm", TAGS);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", asked);
            try (Peer first = engine.asked()) {
                first.send(STREAM + Peer.chunk(token(0, says)));
                watched.published.untilTokens(1);
                watched.commands.send(command);
                watched.untilOutcomes(1);
            }
        }
        assertThat(engine.hasNoOther()).isTrue();
        return watched.outcomes.recorded().get(0);
    }

    /** The answer has the text "&lt;think&gt;hm", and is to go on behind the end of its reasoning; its upstream sends one word more. */
    private void isConcluded(Peer first) throws Exception {
        first.send(
                STREAM + Peer.chunk(other(role(0)).replace("c2", "c1")) + Peer.chunk(usageAtOnce(token(0, "<think>"))));
        first.send(Peer.chunk(token(0, "h")));
        watched.published.untilTokens(2);
        watched.commands.send(Aborts.conclude(0, 0, null));
        watched.untilOutcomes(1);
        assertThat(watched.outcomes.recorded().get(0).kind()).isEqualTo(OutcomeKind.APPLIED);
        first.send(Peer.chunk(token(0, "m")));
        // Then the loop knows of the command.
        watched.published.untilTokens(3);
        first.send(Peer.chunk(token(0, " kept")));
    }

    /** Behind one more piece, when its tokens are told, the loop knows of the command that came before. */
    private void keepsWhatComes(Peer engine, String more, String kept, int tokens) throws Exception {
        engine.send(Peer.chunk(more));
        watched.published.untilTokens(tokens);
        engine.send(Peer.chunk(kept));
    }

    private static String usageAtOnce(String event) {
        return event.replace("\"choices\"", "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":1},\"choices\"");
    }

    /** Answers what the gateway itself asks an engine; returns the question. */
    private JsonNode engineSays(String path, String answer) throws Exception {
        try (Peer asked = engine.accept()) {
            String head = asked.readHead();
            assertThat(head).startsWith("POST " + path + " ");
            JsonNode question = MAPPER.readTree(asked.readBody(head));
            asked.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                    + answer.length() + "\r\n\r\n" + answer);
            return question;
        }
    }

    private static String thought(String text, int id) {
        return event(
                0,
                "\"delta\":{\"reasoning_content\":\"" + text + "\"},\"logprobs\":{\"content\":[{\"id\":" + id
                        + ",\"token\":\"" + text + "\",\"bytes\":[97],\"logprob\":-0.5,\"top_logprobs\":[{\"id\":" + id
                        + ",\"token\":\"" + text + "\",\"bytes\":[97],\"logprob\":-0.5}]}]},\"finish_reason\":null");
    }

    private static String completion(String text) {
        return "data: {\"id\":\"c1\",\"object\":\"text_completion\",\"choices\":[{\"index\":0,\"text\":\"" + text
                + "\",\"finish_reason\":null}]}\n\n";
    }

    private static String other(String event) {
        return event.replace("\"c1\"", "\"c2\"");
    }

    private GatewayFixture gateway(String kind, String more) throws Exception {
        return new GatewayFixture(
                folder,
                "upstreams: [{name: a, url: '" + engine.url() + "', kind: " + kind + "}]\n"
                        + "routes: [{model: m, upstreams: [{name: a}], conclude: text" + more + "}]\n",
                watched.watch);
    }
}
