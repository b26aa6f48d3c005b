package io.edistream.gateway.server;

import static io.edistream.gateway.server.ChatEvents.events;
import static io.edistream.gateway.server.ChatEvents.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.gateway.watch.Aborts;
import io.edistream.gateway.watch.Published;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.Uniforms;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.StepEvents;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One answer out of several samples: what the engine is asked, which samples end, what the client gets. */
@Timeout(60)
class SamplesTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String CHAT = "/v1/chat/completions";
    private static final String NAME = "X-Request-Id: mine";

    @TempDir
    private Path folder;

    private final WatchFixture watched = new WatchFixture(0xAB);
    private final Published published = watched.published;
    private RawUpstream upstream;
    private SampledEngine engine;

    @BeforeEach
    void open() throws IOException {
        upstream = new RawUpstream();
        engine = new SampledEngine(upstream);
    }

    @AfterEach
    void close() throws IOException {
        engine.close();
        upstream.close();
        watched.close();
    }

    @Test
    void theMostFrequentAnswerIsTheClientsAndWhatCannotChangeItIsClosed() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(
                    CHAT,
                    asking("majority", 5, ",\"extract\":\"last_number\"", "\"seed\":7,\"temperature\":1,"),
                    NAME,
                    "Idempotency-Key: once");
            engine.expect(1);
            assertThat(upstream.hasNoOther()).as("while the prompt is read").isTrue();
            engine.begin(0).expect(4);
            for (int sample = 1; sample < 5; sample++) {
                assertThat(engine.body(sample))
                        .as("sample %d", sample)
                        .isEqualTo(MAPPER.readTree("{\"seed\":" + (Uniforms.sampleSeed(7, sample) >>> 33)
                                + ",\"temperature\":1,\"model\":\"m\",\"messages\":[],\"stream\":true,\"logprobs\":true,"
                                + "\"top_logprobs\":20,\"stream_options\":{\"include_usage\":true}}"));
                engine.begin(sample);
            }
            assertThat(engine.body(0).get("seed").asInt()).isEqualTo(7);
            assertThat(engine.head(0)).containsIgnoringCase("idempotency-key: once");
            assertThat(engine.head(1)).doesNotContainIgnoringCase("idempotency-key");
            published.untilTokens(5);
            engine.finish(1, "41").finish(2, "it is 42").finish(3, "42.");
            published.untilEnds(3);
            engine.finish(0, "$42");
            engine.peer(4).awaitClosed();

            String head = client.readHead();
            assertThat(head)
                    .startsWith("HTTP/1.1 200")
                    .containsIgnoringCase("content-type: application/json")
                    .containsIgnoringCase("x-edistream-kind: processed-bounded-20");
            assertThat(head.lines()
                            .filter(line ->
                                    line.toLowerCase(java.util.Locale.ROOT).startsWith("x-edistream-sequences"))
                            .findFirst()
                            .orElseThrow()
                            .split(","))
                    .hasSize(5);
            JsonNode got = MAPPER.readTree(client.readBody(head));
            assertThat(got.at("/choices/0/message/content").asText()).isIn("so $42", "so it is 42", "so 42.");
            assertThat(got.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
            assertThat(got.get("choices")).hasSize(1);
            assertThat(got.at("/usage"))
                    .as("of the chosen one")
                    .isEqualTo(MAPPER.readTree("{\"prompt_tokens\":4,\"completion_tokens\":2,\"total_tokens\":6}"));
            JsonNode ours = got.get("edistream");
            assertThat(ours.get("strategy").asText()).isEqualTo("majority");
            assertThat(ours.get("samples"))
                    .isEqualTo(MAPPER.readTree(
                            "{\"asked\":5,\"started\":5,\"finished\":4,\"ended\":0,\"failed\":0,\"pruned\":0,"
                                    + "\"unneeded\":1}"));
            assertThat(ours.get("agreement").asDouble()).isEqualTo(.75);
            assertThat(ours.at("/votes")).hasSize(2);
            assertThat(ours.at("/votes").toString()).contains("{\"answer\":\"42\",\"votes\":3}");
            assertThat(ours.get("usage")).hasSize(5);
            assertThat(ours.get("usage").findValues("discarded").stream().filter(one -> !one.asBoolean()))
                    .hasSize(1);
            StepEvents all = published.untilEnds(5);
            assertThat(all.ends())
                    .extracting(SequenceEnded::reason)
                    .filteredOn(reason -> reason == EndReason.PRUNED)
                    .hasSize(1);
            assertThat(all.ends()).extracting(SequenceEnded::answerClass).containsExactlyInAnyOrder(0, 1, 1, 1, null);
            assertThat(all.starts()).hasSize(5).allSatisfy(start -> {
                assertThat(start.group()).isZero();
                assertThat(start.request()).isEqualTo("mine");
            });
            gateway.awaitMetric("edistream_gateway_samples_total{strategy=\"majority\"} 5.0");
            gateway.awaitMetric("edistream_gateway_discarded_sample_tokens_total{strategy=\"majority\"} 7.0");
            gateway.awaitMetric("edistream_gateway_sample_agreement_sum{strategy=\"majority\"} 0.75");
            assertThat(gateway.accessLog()).contains("\"upstream\":\"local\"", "\"outcome\":\"complete\"");
        }
    }

    @Test
    void aStreamGetsItsAnswerAtTheEnd() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(
                    CHAT,
                    asking(
                            "majority",
                            2,
                            ",\"extract\":\"last_number\"",
                            "\"stream\":true,\"stream_options\":{\"include_usage\":true},"),
                    NAME);
            engine.expect(1).begin(0).expect(1).begin(1);
            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.1 200").containsIgnoringCase("text/event-stream");
            assertThat(client.readChunk()).asString(UTF_8).isEqualTo(": samples are compared\n\n");
            engine.finish(0, "1").finish(1, "1");
            String got = new String(client.readBody(head), UTF_8);
            assertThat(text(got, 0)).isEqualTo("so 1");
            assertThat(got).endsWith("data: [DONE]\n\n");
            List<JsonNode> events = events(got);
            assertThat(events).hasSize(4).allSatisfy(event -> {
                assertThat(event.get("id").asText()).isEqualTo("c1");
                assertThat(event.get("object").asText()).isEqualTo("chat.completion.chunk");
                assertThat(event.get("model").asText()).isEqualTo("m");
            });
            assertThat(events.get(0).at("/choices/0/delta/role").asText()).isEqualTo("assistant");
            assertThat(events.get(2).at("/choices/0/finish_reason").asText()).isEqualTo("stop");
            assertThat(events.get(2).at("/edistream/agreement").asDouble()).isEqualTo(1);
            assertThat(events.get(3).at("/usage/total_tokens").asInt()).isEqualTo(6);
        }
    }

    @Test
    void completionsAreSampledAsWell() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(
                    "/v1/completions",
                    "{\"prompt\":\"p\",\"stream\":true,\"edistream\":{\"strategy\":\"majority\",\"n\":1,\"extract\":\"last_number\"}}",
                    NAME);
            engine.expect(1);
            engine.peer(0)
                    .send(SampledEngine.HEAD
                            + Peer.chunk(
                                    "data: {\"id\":\"c1\",\"object\":\"text_completion\",\"choices\":[{\"index\":0,"
                                            + "\"text\":\"is \",\"finish_reason\":null}]}\n\n")
                            + Peer.chunk(
                                    "data: {\"id\":\"c1\",\"object\":\"text_completion\",\"choices\":[{\"index\":0,"
                                            + "\"text\":\"3\",\"finish_reason\":\"length\"}]}\n\n")
                            + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
            List<JsonNode> events = events(new String(client.readBody(client.readHead()), UTF_8));
            assertThat(events).hasSize(2);
            assertThat(events.get(0).at("/choices/0/text").asText()).isEqualTo("is 3");
            assertThat(events.get(1).at("/choices/0/finish_reason").asText()).isEqualTo("length");
            assertThat(events.get(1).at("/edistream/votes/0/answer").asText()).isEqualTo("3");
        }
    }

    /** Streams that were recorded: what they say first, how they count and how they end differs. */
    @ParameterizedTest
    @CsvSource({
        "vllm, vllm-chat-lp2, 36, length, false",
        "vllm, vllm-chat-lp2, 36, length, true",
        "llamacpp, llama-utf8-chat, 32, stop, false",
        "llamacpp, llama-utf8-chat, 32, stop, true"
    })
    void realEnginesStreamsBecomeOneAnswer(String kind, String name, int prompt, String finish, boolean streams)
            throws Exception {
        String recorded;
        try (InputStream in = SamplesTest.class.getResourceAsStream("/reading/captures/" + name + ".sse")) {
            recorded = new String(Objects.requireNonNull(in).readAllBytes(), UTF_8);
        }
        try (GatewayFixture gateway = gateway("", kind, "");
                Peer client = gateway.client()) {
            client.post(
                    CHAT,
                    asking(
                            "best-of-n",
                            1,
                            "",
                            streams ? "\"stream\":true,\"stream_options\":{\"include_usage\":true}," : ""),
                    NAME);
            engine.expect(1);
            engine.peer(0).send(SampledEngine.HEAD + Peer.chunk(recorded) + "0\r\n\r\n");
            String got = new String(client.readBody(client.readHead()), UTF_8);
            assertThat(got).doesNotContain("logprob\"", "top_logprobs");
            if (streams) {
                List<JsonNode> events = events(got);
                assertThat(text(got, 0)).isEqualTo(text(recorded, 0)).isNotEmpty();
                assertThat(events.get(2).at("/choices/0/finish_reason").asText())
                        .isEqualTo(finish);
                assertThat(events.get(3).at("/usage/prompt_tokens").asInt()).isEqualTo(prompt);
            } else {
                JsonNode body = MAPPER.readTree(got);
                assertThat(body.at("/choices/0/message/content").asText()).isEqualTo(text(recorded, 0));
                assertThat(body.at("/choices/0/message/role").asText()).isEqualTo("assistant");
                assertThat(body.at("/choices/0/finish_reason").asText()).isEqualTo(finish);
                assertThat(body.at("/usage/prompt_tokens").asInt()).isEqualTo(prompt);
                assertThat(body.at("/edistream/score").isNumber()).isTrue();
            }
        }
    }

    @Test
    void wavesStopWhenOneAnswerLeads() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("waves", 8, ",\"extract\":\"last_number\"", ""), NAME);
            engine.expect(1).begin(0).expect(1).begin(1);
            engine.finish(0, "5").finish(1, "5");
            JsonNode got = MAPPER.readTree(client.readBody(client.readHead()));
            assertThat(got.at("/edistream/samples/started").asInt()).isEqualTo(2);
            assertThat(got.at("/edistream/agreement").asDouble()).isEqualTo(1);
            assertThat(upstream.hasNoOther()).isTrue();
            gateway.awaitMetric("edistream_gateway_spared_samples_total{strategy=\"waves\"} 6.0");
        }
    }

    @Test
    void wavesGoOnWhileTheVoteIsOpen() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("waves", 4, ",\"extract\":\"last_number\"", ""), NAME);
            engine.expect(1).begin(0).expect(1).begin(1);
            engine.finish(0, "5");
            published.untilEnds(1);
            assertThat(upstream.hasNoOther()).as("while the wave runs").isTrue();
            engine.finish(1, "6").expect(2).begin(2).begin(3);
            engine.finish(2, "6").finish(3, "6");
            JsonNode got = MAPPER.readTree(client.readBody(client.readHead()));
            assertThat(got.at("/edistream/samples/started").asInt()).isEqualTo(4);
            assertThat(got.at("/choices/0/message/content").asText()).isEqualTo("so 6");
        }
    }

    @Test
    void theBestOfAllIsTheOneWithTheBestSignal() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("best-of-n", 3, "", ""), NAME);
            engine.expect(1).begin(0, "unsure ", .7).expect(2);
            engine.begin(1, "sure ", .01).begin(2, "less sure ", .3);
            engine.finish(2, "3").finish(1, "1").finish(0, "3");
            JsonNode got = MAPPER.readTree(client.readBody(client.readHead()));
            assertThat(got.at("/choices/0/message/content").asText()).isEqualTo("sure 1");
            JsonNode ours = got.get("edistream");
            assertThat(ours.get("by").asText()).isEqualTo("mean_entropy");
            assertThat(ours.get("score").asDouble()).isBetween(.1, .3);
            assertThat(ours.has("agreement")).isFalse();
            assertThat(ours.at("/samples/finished").asInt()).isEqualTo(3);
        }
    }

    @Test
    void theWeakestIsEndedOnceOneHasFinishedAndAllAreLongEnough() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("best-of-n", 3, ",\"prune\":{\"at\":1}", ""), NAME);
            engine.expect(1).begin(0, "sure ", .01).expect(2);
            engine.begin(1, "unsure ", .7).begin(2, "less sure ", .3);
            published.untilTokens(3);
            engine.finish(0, "7");
            published.untilEnds(1);
            engine.peer(1).send(Peer.chunk(SampledEngine.token("still ", .7)));
            published.untilTokens(5);
            assertThat(published.untilEnds(1).ends())
                    .as("sample 2 has one token, and two are usual")
                    .hasSize(1);
            engine.peer(2).send(Peer.chunk(SampledEngine.token("still ", .3)));
            engine.peer(1).awaitClosed();
            engine.finish(2, "8");
            JsonNode got = MAPPER.readTree(client.readBody(client.readHead()));
            assertThat(got.at("/choices/0/message/content").asText()).isEqualTo("sure 7");
            assertThat(got.at("/edistream/samples"))
                    .isEqualTo(
                            MAPPER.readTree(
                                    "{\"asked\":3,\"started\":3,\"finished\":2,\"ended\":0,\"failed\":0,\"pruned\":1,\"unneeded\":0}"));
            assertThat(got.at("/edistream/usage/1/state").asText()).isEqualTo("pruned");
            assertThat(got.at("/edistream/usage/1/completion_tokens").asInt()).isEqualTo(2);
            assertThat(got.at("/edistream/usage/1/discarded").asBoolean()).isTrue();
            assertThat(published.untilEnds(3).ends())
                    .extracting(SequenceEnded::reason)
                    .filteredOn(reason -> reason == EndReason.PRUNED)
                    .hasSize(1);
            gateway.awaitMetric("edistream_gateway_closed_streams_total{reason=\"pruned\",upstream=\"local\"} 1.0");
            gateway.awaitMetric("edistream_gateway_discarded_sample_tokens_total{strategy=\"best-of-n\"} 5.0");
        }
    }

    @Test
    void aVoteThatPruningSettlesEndsTheRest() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("majority", 3, ",\"extract\":\"last_number\",\"prune\":{}", ""), NAME);
            engine.expect(1).begin(0, "sure ", .01).expect(2);
            engine.begin(1, "unsure ", .7).begin(2, "less sure ", .3);
            published.untilTokens(3);
            engine.finish(0, "7");
            engine.peer(1).awaitClosed();
            engine.peer(2).awaitClosed();
            JsonNode got = MAPPER.readTree(client.readBody(client.readHead()));
            assertThat(got.at("/choices/0/message/content").asText()).isEqualTo("sure 7");
            assertThat(got.at("/edistream/samples"))
                    .as("of two equally frequent answers the first one leads")
                    .isEqualTo(
                            MAPPER.readTree(
                                    "{\"asked\":3,\"started\":3,\"finished\":1,\"ended\":0,\"failed\":0,\"pruned\":1,\"unneeded\":1}"));
        }
    }

    /** Two may be pruned, and the two that run are the weakest. */
    @Test
    void theLastOneThatRunsIsNotPruned() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("best-of-n", 5, ",\"prune\":{\"weakest\":2,\"at\":0.5}", ""), NAME);
            engine.expect(1).begin(0).expect(4).begin(1).begin(2);
            published.untilTokens(3);
            engine.finish(0, "1").finish(1, "1").finish(2, "1");
            published.untilEnds(3);
            engine.begin(3, "unsure ", .7).begin(4, "unsure ", .7);
            engine.peer(4).awaitClosed();
            engine.finish(3, "1");
            JsonNode got = MAPPER.readTree(client.readBody(client.readHead()));
            assertThat(got.at("/edistream/samples/pruned").asInt()).isEqualTo(1);
            assertThat(got.at("/edistream/samples/finished").asInt()).isEqualTo(4);
        }
    }

    @Test
    void ofSamplesWithOneAnswerTheOneWithTheBestSignalIsGiven() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("majority", 3, ",\"extract\":\"last_number\"", ""), NAME);
            engine.expect(1).begin(0, "unsure ", .7).expect(2);
            engine.begin(1, "surest, and alone ", .001).begin(2, "sure ", .01);
            engine.finish(1, "7");
            published.untilEnds(1);
            engine.finish(0, "8").finish(2, "8");
            JsonNode got = MAPPER.readTree(client.readBody(client.readHead()));
            assertThat(got.at("/choices/0/message/content").asText()).isEqualTo("sure 8");
        }
    }

    @Test
    void aSampleThatACommandEndsDoesNotVoteAndTheLastOneIsNotEnded() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("majority", 2, ",\"extract\":\"last_number\"", ""), NAME);
            engine.expect(1).begin(0);
            published.untilTokens(1);
            engine.expect(1).begin(1);
            published.untilTokens(2);
            watched.commands.send(Aborts.of(0, 0));
            engine.peer(0).awaitClosed();
            assertThat(published.untilEnds(1).ends().get(0).reason()).isEqualTo(EndReason.ABORTED);
            watched.commands.send(Aborts.of(1, 0));
            engine.peer(1).send(Peer.chunk(ChatEvents.plain(0, "it is ")));
            published.untilTokens(3);
            engine.finish(1, "9");
            JsonNode got = MAPPER.readTree(client.readBody(client.readHead()));
            assertThat(got.at("/choices/0/message/content").asText()).isEqualTo("so it is 9");
            assertThat(got.at("/edistream/samples"))
                    .isEqualTo(MAPPER.readTree(
                            "{\"asked\":2,\"started\":2,\"finished\":1,\"ended\":1,\"failed\":0,\"pruned\":0,"
                                    + "\"unneeded\":0}"));
            assertThat(got.at("/edistream/usage/0/state").asText()).isEqualTo("ended");
            assertThat(watched.outcomes.recorded())
                    .extracting(ControlOutcome::kind)
                    .containsExactly(OutcomeKind.APPLIED, OutcomeKind.REFUSED);
            assertThat(watched.outcomes.recorded().get(1).refusal()).isEqualTo(RefusalReason.LAST_OF_GROUP);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PRUNE", "START"})
    void howManySamplesThereAreIsNotForARule(ControlAction action) throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT + "?tenant=a", asking("best-of-n", 2, "", ""), NAME);
            engine.expect(1).begin(0).expect(1).begin(1);
            published.untilTokens(2);
            watched.commands.send(Aborts.instead(action, 1));
            engine.peer(1).send(Peer.chunk(ChatEvents.plain(0, "it is ")));
            published.untilTokens(3);
            engine.finish(0, "1").finish(1, "1");
            assertThat(MAPPER.readTree(client.readBody(client.readHead()))
                            .at("/edistream/samples/finished")
                            .asInt())
                    .isEqualTo(2);
            published.untilEnds(2);
            assertThat(watched.outcomes.recorded()).singleElement().satisfies(outcome -> {
                assertThat(outcome.kind()).isEqualTo(OutcomeKind.REFUSED);
                assertThat(outcome.refusal()).isEqualTo(RefusalReason.CALLER);
            });
            assertThat(engine.head(1)).startsWith("POST /v1/chat/completions?tenant=a ");
        }
    }

    @Test
    void aSampleThatBreaksOffDoesNotFailTheAnswer() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("majority", 3, ",\"extract\":\"last_number\"", ""), NAME);
            engine.expect(1).begin(0).expect(2).begin(1);
            engine.peer(0).close();
            engine.peer(2).send("HTTP/1.1 500 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
            published.untilEnds(1);
            engine.finish(1, "4");
            JsonNode got = MAPPER.readTree(client.readBody(client.readHead()));
            assertThat(got.at("/choices/0/message/content").asText()).isEqualTo("so 4");
            assertThat(got.at("/edistream/samples/failed").asInt()).isEqualTo(2);
        }
    }

    @Test
    void withoutAnySampleThereIsAnErrorThatSaysWhy() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("majority", 2, ",\"extract\":\"last_number\"", ""), NAME);
            engine.expect(1).begin(0).expect(1).begin(1);
            published.untilTokens(2);
            engine.peer(0).close();
            engine.peer(1).close();
            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.1 502");
            assertThat(client.readBody(head))
                    .asString(UTF_8)
                    .contains("none of 2 samples has finished: upstream local broke off in the middle of its answer");
        }
    }

    @Test
    void whatTheFirstSampleIsRefusedWithIsTheClientsAndNoOtherIsAsked() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("majority", 4, ",\"extract\":\"last_number\"", ""), NAME);
            engine.expect(1);
            engine.peer(0).send("HTTP/1.1 429 Busy\r\nX-Theirs: 1\r\nContent-Length: 12\r\n\r\n{\"error\": 1}");
            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.1 429").containsIgnoringCase("x-theirs: 1");
            assertThat(client.readBody(head)).asString(UTF_8).isEqualTo("{\"error\": 1}");
            assertThat(upstream.hasNoOther()).isTrue();
        }
    }

    @Test
    void aClientThatLeavesWhileItReadsARefusalClosesIt() throws Exception {
        try (GatewayFixture gateway = gateway("")) {
            Peer client = gateway.client();
            client.post(CHAT, asking("majority", 4, ",\"extract\":\"last_number\"", ""), NAME);
            engine.expect(1);
            engine.peer(0).send("HTTP/1.1 429 Busy\r\nContent-Length: 1000\r\n\r\n{\"error\": 1,");
            assertThat(client.readHead()).startsWith("HTTP/1.1 429");
            client.close();
            engine.peer(0).awaitClosed();
            gateway.awaitMetric("edistream_gateway_upstream_requests{upstream=\"local\"} 0.0");
        }
    }

    @Test
    void anErrorInTheFirstSamplesStreamIsAskedForOnceMoreAndNoOtherIs() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("majority", 4, ",\"extract\":\"last_number\"", ""), NAME);
            for (int time = 0; time < 2; time++) {
                engine.expect(1);
                assertThat(engine.body(0).has("logprobs")).isEqualTo(time == 0);
                engine.peer(0)
                        .send(SampledEngine.HEAD
                                + Peer.chunk("data: {\"error\":{\"code\":413,\"message\":\"too long\"}}\n\n")
                                + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
            }
            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.1 413");
            assertThat(client.readBody(head)).asString(UTF_8).contains("upstream local sent an error: too long");
            assertThat(upstream.hasNoOther()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"majority", "best-of-n"})
    void anEngineWithoutLogprobsCanBeVotedOnAndNotChosenFrom(String strategy) throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, asking(strategy, 2, ",\"extract\":\"last_number\"", ""), NAME);
            engine.expect(1);
            engine.peer(0).send("HTTP/1.1 400 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
            if (strategy.equals("best-of-n")) {
                String head = client.readHead();
                assertThat(head).startsWith("HTTP/1.1 400");
                assertThat(client.readBody(head))
                        .asString(UTF_8)
                        .contains("best-of-n chooses by log-probabilities, and upstream local refuses them");
                assertThat(upstream.hasNoOther()).isTrue();
                return;
            }
            engine.expect(1);
            assertThat(engine.body(0).has("logprobs")).isFalse();
            assertThat(engine.body(0).get("stream").asBoolean()).isTrue();
            engine.peer(0).send(SampledEngine.HEAD + Peer.chunk(ChatEvents.plain(0, "so ")));
            engine.expect(1);
            assertThat(engine.body(1).has("logprobs"))
                    .as("it is not asked for them again")
                    .isFalse();
            engine.peer(1).send(SampledEngine.HEAD + Peer.chunk(ChatEvents.plain(0, "so ")));
            for (int sample = 0; sample < 2; sample++) {
                engine.peer(sample)
                        .send(Peer.chunk(ChatEvents.plain(0, "3")) + Peer.chunk(ChatEvents.finish(0, "stop"))
                                + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
            }
            JsonNode got = MAPPER.readTree(client.readBody(client.readHead()));
            assertThat(got.at("/choices/0/message/content").asText()).isEqualTo("so 3");
            assertThat(got.at("/edistream/agreement").asDouble()).isEqualTo(1);
            assertThat(got.at("/edistream/score").isNull()).isTrue();
        }
    }

    @Test
    void bestOfNWithoutAnyMeasurementSaysSo() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("best-of-n", 1, "", ""), NAME);
            engine.expect(1);
            engine.peer(0)
                    .send(SampledEngine.HEAD + Peer.chunk(ChatEvents.plain(0, "a"))
                            + Peer.chunk(ChatEvents.finish(0, "stop")) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.1 502");
            assertThat(client.readBody(head)).asString(UTF_8).contains("of no sample anything was measured");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"before the first is answered", "while the prompt is read", "while all run", "while one is left"
            })
    void aClientThatLeavesClosesAllSamples(String when) throws Exception {
        try (GatewayFixture gateway = gateway("")) {
            Peer client = gateway.client();
            client.post(CHAT, asking("majority", 4, ",\"extract\":\"last_number\"", ""), NAME);
            engine.expect(1);
            int open = 1;
            int sequences = 0;
            if (when.equals("while the prompt is read")) {
                engine.peer(0).send(SampledEngine.HEAD + Peer.chunk(ChatEvents.role(0)));
                sequences = 1;
            } else if (!when.startsWith("before")) {
                engine.begin(0).expect(3).begin(1).begin(2).begin(3);
                published.untilTokens(4);
                open = 4;
                sequences = 4;
            }
            if (when.equals("while one is left")) {
                engine.peer(0).close();
                engine.finish(1, "4").finish(2, "5");
                published.untilEnds(3);
            }
            client.close();
            for (int sample = 0; sample < open; sample++) {
                boolean ended = when.equals("while one is left") && sample < 3;
                if (!ended) {
                    engine.peer(sample).awaitClosed();
                }
            }
            if (sequences > 0) {
                assertThat(published.untilEnds(sequences).ends())
                        .extracting(SequenceEnded::reason)
                        .contains(EndReason.CANCELLED);
            }
            assertThat(upstream.hasNoOther()).isTrue();
            gateway.awaitMetric("edistream_gateway_upstream_requests{upstream=\"local\"} 0.0");
            gateway.awaitMetric("edistream_gateway_running_requests 0.0");
        }
    }

    @Test
    void samplesThatFindNoRoomWaitForOneOfTheirs() throws Exception {
        try (GatewayFixture gateway = gateway("", "generic", ", streams: 2");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("majority", 3, ",\"extract\":\"last_number\"", ""), NAME);
            engine.expect(1).begin(0).expect(1).begin(1);
            published.untilTokens(2);
            assertThat(upstream.hasNoOther()).isTrue();
            engine.finish(0, "1").expect(1).begin(2).finish(2, "2").finish(1, "2");
            JsonNode got = MAPPER.readTree(client.readBody(client.readHead()));
            assertThat(got.at("/choices/0/message/content").asText()).isEqualTo("so 2");
        }
    }

    @Test
    void whatThereIsMustDoWhenNobodyCanBeAskedAnyMore() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("waves", 8, ",\"extract\":\"last_number\"", ""), NAME);
            engine.expect(1).begin(0).expect(1).begin(1);
            engine.finish(0, "5");
            published.untilEnds(1);
            upstream.close();
            engine.finish(1, "6");
            JsonNode got = MAPPER.readTree(client.readBody(client.readHead()));
            assertThat(got.at("/choices/0/message/content").asText()).isEqualTo("so 5");
            assertThat(got.at("/edistream/agreement").asDouble()).isEqualTo(.5);
            assertThat(got.at("/edistream/samples/failed").asInt()).isEqualTo(2);
        }
    }

    @Test
    void aGatewayThatStopsClosesAllSamples() throws Exception {
        try (Peer client = stopped()) {
            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.1 503");
            engine.peer(0).awaitClosed();
            engine.peer(1).awaitClosed();
            assertThat(published.untilEnds(2).ends())
                    .extracting(SequenceEnded::reason)
                    .containsOnly(EndReason.CANCELLED);
        }
    }

    /** The client of a gateway that stopped while two samples ran. */
    private Peer stopped() throws Exception {
        try (GatewayFixture gateway = gateway("limits: {drain_seconds: 0}")) {
            Peer client = gateway.client();
            client.post(CHAT, asking("majority", 2, ",\"extract\":\"last_number\"", ""), NAME);
            engine.expect(1).begin(0).expect(1).begin(1);
            published.untilTokens(2);
            return client;
        }
    }

    @Test
    void aSampleThatIsSilentIsGivenUpAndTheOthersAreNot() throws Exception {
        try (GatewayFixture gateway = gateway("limits: {first_byte_seconds: 0.2}");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("majority", 2, ",\"extract\":\"last_number\"", ""), NAME);
            engine.expect(1).begin(0).expect(1);
            engine.peer(1).awaitClosed();
            engine.finish(0, "1");
            JsonNode got = MAPPER.readTree(client.readBody(client.readHead()));
            assertThat(got.at("/edistream/samples/failed").asInt()).isEqualTo(1);
        }
    }

    @Test
    void anAnswerThatIsTooLongIsNoSample() throws Exception {
        try (GatewayFixture gateway = gateway("limits: {body_bytes: 2000}");
                Peer client = gateway.client()) {
            client.post(CHAT, asking("majority", 2, ",\"extract\":\"last_number\"", ""), NAME);
            engine.expect(1).begin(0).expect(1).begin(1);
            for (int event = 0; event < 20; event++) {
                engine.peer(0).send(Peer.chunk(ChatEvents.plain(0, "a")));
            }
            engine.peer(0).awaitClosed();
            engine.finish(1, "1");
            JsonNode got = MAPPER.readTree(client.readBody(client.readHead()));
            assertThat(got.at("/edistream/usage/0/state").asText()).isEqualTo("failed");
            assertThat(got.at("/choices/0/message/content").asText()).isEqualTo("so 1");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "limits: {samples: 3} | 4 | 400 | may have at most 3 samples at a time here, not 4",
                "limits: {streams_per_client: 3} | 4 | 400 | may have at most 3 samples at a time here, not 4",
                "limits: {samples: 5} | 3 | 429 | of 5 samples at a time, which is the gateway's limit, 3 are taken",
                "limits: {streams_per_client: 5} | 3 | 429 | you have 5 requests and samples at a time, which is your limit; 3 are",
            })
    void samplesAreBounded(String limits, int samples, int status, String said) throws Exception {
        try (GatewayFixture gateway = gateway(limits);
                Peer second = gateway.client()) {
            Peer first = gateway.client();
            String ask = asking("majority", samples, ",\"extract\":\"last_number\"", "");
            Peer refused = first;
            if (status == 429) {
                first.post(CHAT, ask, NAME);
                engine.expect(1);
                refused = second;
            }
            refused.post(CHAT, ask);
            String head = refused.readHead();
            assertThat(head).startsWith("HTTP/1.1 " + status);
            assertThat(refused.readBody(head)).asString(UTF_8).contains(said);
            assertThat(upstream.hasNoOther()).isTrue();
            if (status == 429) {
                // What was taken is free again when the first one is over.
                first.close();
                engine.peer(0).awaitClosed();
                second.post(CHAT, ask, NAME);
                engine.expect(1);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "routes: [{model: m, samples: 0, upstreams: [{name: local}]}] | X: y | strategies are switched off",
                "routes: [{model: m, watch: 0, upstreams: [{name: local}]}] | X: y | this request is not to be watched",
                "limits: {} | X-Edistream-Watch: off | this request is not to be watched",
            })
    void whatCannotBeHadIsRefusedInASentence(String yaml, String header, String said) throws Exception {
        try (GatewayFixture gateway = gateway(yaml);
                Peer client = gateway.client()) {
            client.post(CHAT, asking("best-of-n", 2, "", ""), header);
            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.1 400");
            assertThat(client.readBody(head)).asString(UTF_8).contains(said);
        }
    }

    /** A client that misspells what it wants is not to believe that it got it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"stratgy\":\"majority\"} | has no member stratgy, only [group, request, watch]",
                "{\"n\":2,\"extract\":\"last_number\"} | without a strategy edistream has no member n",
                "{\"watch\":\"maybe\"} | edistream.watch must be true or false",
                "{\"group\":7} | edistream.group must be a text",
                "[] | edistream must be an object",
            })
    void whatIsAskedOfUsAndNotKnownIsRefused(String ours, String said) throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(CHAT, "{\"model\":\"m\",\"messages\":[],\"edistream\":" + ours + "}");
            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.1 400");
            assertThat(client.readBody(head)).asString(UTF_8).contains(said);
        }
    }

    /**
     * @param ours further members of {@code edistream}
     * @param members further members of the request, with a comma behind each
     */
    private static String asking(String strategy, int samples, String ours, String members) {
        return "{" + members + "\"model\":\"m\",\"messages\":[],\"edistream\":{\"strategy\":\"" + strategy + "\",\"n\":"
                + samples + ours + "}}";
    }

    private GatewayFixture gateway(String more) throws Exception {
        return gateway(more, "generic", "");
    }

    private GatewayFixture gateway(String more, String kind, String ofUpstream) throws Exception {
        return new GatewayFixture(
                folder,
                "upstreams: [{name: local, url: '" + upstream.url() + "', kind: " + kind + ", vocabulary: 50000"
                        + ofUpstream + "}]\n" + more,
                watched.watch);
    }
}
