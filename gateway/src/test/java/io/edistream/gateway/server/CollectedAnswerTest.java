package io.edistream.gateway.server;

import static io.edistream.gateway.server.ChatEvents.STREAM;
import static io.edistream.gateway.server.ChatEvents.event;
import static io.edistream.gateway.server.ChatEvents.finish;
import static io.edistream.gateway.server.ChatEvents.role;
import static io.edistream.gateway.server.ChatEvents.token;
import static io.edistream.gateway.server.ChatEvents.usage;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.gateway.watch.Aborts;
import io.edistream.gateway.watch.Published;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.control.LocalControlInbox;
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

/** Answers that clients get in one piece, and that are streams above, so that they can be ended while they run. */
@Timeout(60)
class CollectedAnswerTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String DONE = Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n";

    @TempDir
    private Path folder;

    private final WatchFixture watched = new WatchFixture(0xAB);
    private final Published published = watched.published;
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
    void theClientGetsOneBodyAndNothingOfTheStream() throws Exception {
        try (GatewayFixture gateway = gateway("generic", "");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", "{\"model\":\"m\",\"n\":2,\"stream\":false}");
            try (Peer engine = upstream.accept()) {
                assertThat(MAPPER.readTree(engine.readBody(engine.readHead())))
                        .isEqualTo(MAPPER.readTree("{\"model\":\"m\",\"n\":2,\"stream\":true,\"logprobs\":true,"
                                + "\"top_logprobs\":20,\"stream_options\":{\"include_usage\":true}}"));
                engine.send(STREAM + Peer.chunk(role(0)) + Peer.chunk(token(0, "a")) + Peer.chunk(token(1, "x")));
                engine.send(Peer.chunk(token(0, "b"))
                        + Peer.chunk(finish(1, "length"))
                        + Peer.chunk(finish(0, "stop"))
                        + Peer.chunk(usage(4, 3))
                        + DONE);
                String head = client.readHead();
                assertThat(head)
                        .startsWith("HTTP/1.1 200")
                        .containsIgnoringCase("content-type: application/json")
                        .containsIgnoringCase("x-edistream-sequences: 00000000000000ab-0,");
                JsonNode got = MAPPER.readTree(client.readBody(head));
                assertThat(got)
                        .isEqualTo(
                                MAPPER.readTree(
                                        """
                        {"id": "c1", "object": "chat.completion", "created": 1, "model": "m",
                         "usage": {"prompt_tokens": 4, "completion_tokens": 3, "total_tokens": 7},
                         "choices": [
                          {"index": 0, "message": {"role": "assistant", "content": "ab"}, "finish_reason": "stop"},
                          {"index": 1, "message": {"role": "assistant", "content": "x"}, "finish_reason": "length"}]}"""));
            }
            assertThat(published.untilEnds(2).tokens()).isEqualTo(3);
        }
    }

    @Test
    void callsOfToolsArePutTogether() throws Exception {
        try (GatewayFixture gateway = gateway("llamacpp", "");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", "{\"tools\":[{}]}");
            try (Peer engine = upstream.asked()) {
                String call = "\"delta\":{\"tool_calls\":[{\"index\":%d,%s}]},\"finish_reason\":null";
                engine.send(STREAM + Peer.chunk(role(0)) + Peer.chunk(token(0, "a")));
                engine.send(
                        Peer.chunk(
                                event(
                                        0,
                                        call.formatted(
                                                0,
                                                "\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}"))));
                engine.send(Peer.chunk(event(0, call.formatted(0, "\"function\":{\"arguments\":\"}\"}"))));
                engine.send(
                        Peer.chunk(
                                event(
                                        0,
                                        call.formatted(
                                                1,
                                                "\"id\":\"d\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}"))));
                engine.send(Peer.chunk(token(0, "b")) + Peer.chunk(finish(0, "tool_calls")) + DONE);
                JsonNode choice =
                        MAPPER.readTree(client.readBody(client.readHead())).at("/choices/0");
                assertThat(choice.at("/message/tool_calls"))
                        .isEqualTo(
                                MAPPER.readTree(
                                        """
                        [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                         {"id": "d", "type": "function", "function": {"name": "g", "arguments": "{}"}}]"""));
                assertThat(choice.at("/finish_reason").asText()).isEqualTo("tool_calls");
                assertThat(choice.at("/message/content").asText()).isEqualTo("ab");
            }
        }
    }

    /** As each engine has it in one piece. */
    @ParameterizedTest
    @CsvSource({"llamacpp, \"\"", "generic, null"})
    void aMessageWithoutTextHasTheEnginesOwn(String kind, String content) throws Exception {
        try (GatewayFixture gateway = gateway(kind, "");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", "{\"model\":\"m\"}");
            try (Peer engine = upstream.asked()) {
                engine.send(STREAM
                        + Peer.chunk(event(0, "\"delta\":{\"role\":\"assistant\",\"content\":null}"))
                        + Peer.chunk(event(0, "\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\"}]}"))
                        + Peer.chunk(finish(0, "tool_calls"))
                        + DONE);
                assertThat(MAPPER.readTree(client.readBody(client.readHead())).at("/choices/0/message/content"))
                        .isEqualTo(MAPPER.readTree(content));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCommandEndsIt(boolean tells) throws Exception {
        String route = tells ? "" : "routes: [{model: m, tell_ends: false, upstreams: [{name: local}]}]";
        try (GatewayFixture gateway = gateway("generic", route);
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", "{\"model\":\"m\"}");
            try (Peer engine = upstream.asked()) {
                engine.send(STREAM + Peer.chunk(role(0)) + Peer.chunk(token(0, "a")));
                published.untilTokens(1);
                commands.send(Aborts.of(0, 0));
                engine.awaitClosed();
                JsonNode got = MAPPER.readTree(client.readBody(client.readHead()));
                assertThat(got.at("/choices/0/message/content").asText()).isEqualTo("a");
                assertThat(got.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
                assertThat(got.get("edistream"))
                        .isEqualTo(
                                tells
                                        ? MAPPER.readTree("{\"ended\":[{\"choice\":0,\"action\":\"abort\","
                                                + "\"reason\":\"too high\",\"rule\":\"rule-1\",\"token\":1}]}")
                                        : null);
            }
            assertThat(published.untilEnds(1).ends().get(0).reason()).isEqualTo(EndReason.ABORTED);
        }
    }

    @ParameterizedTest
    @CsvSource({"400, 400", "0, 502"})
    void anErrorInTheStreamIsAStatusForTheClient(int code, int status) throws Exception {
        try (GatewayFixture gateway = gateway("generic", "");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", "{\"model\":\"m\"}");
            try (Peer engine = upstream.asked()) {
                String error = "{\"error\":{\"code\":" + code + ",\"message\":\"no\"}}";
                engine.send(STREAM + Peer.chunk(token(0, "a")) + Peer.chunk("data: " + error + "\n\n") + DONE);
                String head = client.readHead();
                assertThat(head).startsWith("HTTP/1.1 " + status);
                assertThat(client.readBody(head)).asString(UTF_8).isEqualTo(error);
            }
            assertThat(published.untilEnds(1).ends().get(0).reason()).isEqualTo(EndReason.ERROR);
        }
    }

    @Test
    void anEngineThatBreaksOffIsAnError() throws Exception {
        try (GatewayFixture gateway = gateway("generic", "");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", "{\"model\":\"m\"}");
            try (Peer engine = upstream.asked()) {
                engine.send(STREAM + Peer.chunk(token(0, "a")));
                published.untilTokens(1);
            }
            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.1 502");
            assertThat(client.readBody(head)).asString(UTF_8).contains("upstream local broke off in the middle");
        }
    }

    @Test
    void aBodyHasABound() throws Exception {
        try (GatewayFixture gateway = gateway("generic", "limits: {body_bytes: 2000}");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", "{\"model\":\"m\"}");
            try (Peer engine = upstream.asked()) {
                engine.send(STREAM);
                for (int event = 0; event < 20; event++) {
                    engine.send(Peer.chunk(ChatEvents.plain(0, "a")));
                }
                String head = client.readHead();
                assertThat(head).startsWith("HTTP/1.1 502");
                assertThat(client.readBody(head)).asString(UTF_8).contains("more than the 2000 bytes");
                engine.awaitClosed();
            }
        }
    }

    @Test
    void aClientThatLeavesClosesTheStream() throws Exception {
        try (GatewayFixture gateway = gateway("generic", "")) {
            Peer client = gateway.client();
            client.post("/v1/chat/completions", "{\"model\":\"m\"}");
            try (Peer engine = upstream.asked()) {
                engine.send(STREAM + Peer.chunk(token(0, "a")));
                published.untilTokens(1);
                client.close();
                engine.awaitClosed();
            }
            assertThat(published.untilEnds(1).ends().get(0).reason()).isEqualTo(EndReason.CANCELLED);
        }
    }

    /** Where it is not known what the parts add up to, the request goes as its client wrote it, but for log-probabilities. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    generic  | {"model":"m"}                                         | true
                    generic  | {"model":"m","tools":[{}]}                            | false
                    vllm     | {"model":"m","response_format":{"type":"json_object"}} | false
                    vllm     | {"model":"m","unheard_of":1}                          | false
                    vllm     | {"model":"m","temperature":0,"n":2,"stop":["a"]}      | true
                    llamacpp | {"model":"m","tools":[{}],"unheard_of":1}             | true
                    llamacpp | {"model":"m","logprobs":true,"top_logprobs":2}        | false
                    """)
    void whatIsAskedAsAStream(String kind, String body, boolean streams) throws Exception {
        try (GatewayFixture gateway = gateway(kind, "");
                Peer client = gateway.client()) {
            client.post("/v1/chat/completions", body);
            try (Peer engine = upstream.accept()) {
                JsonNode asked = MAPPER.readTree(engine.readBody(engine.readHead()));
                assertThat(asked.path("stream").asBoolean()).isEqualTo(streams);
                assertThat(asked.has("logprobs") || asked.has("n_probs")).isTrue();
            }
        }
    }

    private GatewayFixture gateway(String kind, String more) throws Exception {
        return new GatewayFixture(
                folder,
                "upstreams: [{name: local, url: '" + upstream.url() + "', kind: " + kind + ", vocabulary: 100}]\n"
                        + more,
                watched.watch);
    }
}
