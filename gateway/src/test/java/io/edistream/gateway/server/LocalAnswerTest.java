package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.gateway.engine.EnginePrompt;
import io.edistream.gateway.server.HandMadeEngine.Served;
import io.edistream.gateway.watch.Aborts;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients get of an engine in the same process. */
@Timeout(60)
class LocalAnswerTest {

    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETIONS = "/v1/completions";
    private static final String HELLO = "\"model\":\"small\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static final String MOVED =
            "{\"choice\":0,\"action\":\"reroute\",\"reason\":\"unsure\",\"rule\":\"rule-2\","
                    + "\"token\":1,\"route\":\"stronger\"}";

    @TempDir
    private Path folder;

    private final HandMadeEngine engine = new HandMadeEngine();
    private GatewayFixture gateway;
    private Peer client;

    @BeforeEach
    void open() throws Exception {
        gateway = GatewayFixture.serving(folder, "", engine);
        client = gateway.client();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        gateway.close();
        engine.close();
    }

    @Test
    void aChatStreamsTheRoleFirstAndThenItsText() throws Exception {
        client.post(
                CHAT,
                "{" + HELLO + ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
                "X-Request-Id: mine");
        Served served = engine.next();
        GenerationHandle choice = served.choices().get(0);
        engine.say(choice, "Dear");
        String head = client.readHead();
        assertThat(head)
                .startsWith("HTTP/1.1 200")
                .containsIgnoringCase("content-type: text/event-stream")
                .containsIgnoringCase("x-edistream-sequences: 000000000000abcd-0")
                .containsIgnoringCase("x-edistream-kind: raw-exact")
                .containsIgnoringCase("x-request-id: mine");
        String first = new String(client.readChunk(), UTF_8);
        engine.say(choice, " me", "!");
        engine.end(choice, EndReason.END_OF_SEQUENCE);
        String stream = first + new String(client.readBody(head), UTF_8);

        assertThat(stream).endsWith("data: [DONE]\n\n");
        List<JsonNode> events = ChatEvents.events(stream);
        assertThat(events.get(0).at("/choices/0/delta")).hasToString("{\"role\":\"assistant\",\"content\":\"\"}");
        assertThat(events).allSatisfy(event -> {
            assertThat(event.path("object").asText()).isEqualTo("chat.completion.chunk");
            assertThat(event.path("id").asText()).isEqualTo("chatcmpl-mine");
            assertThat(event.path("model").asText()).isEqualTo("small");
        });
        assertThat(ChatEvents.text(stream, 0)).isEqualTo("Dear me!");
        JsonNode finish = events.get(events.size() - 2);
        assertThat(finish.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        assertThat(finish.has("edistream")).isFalse();
        assertThat(finish.get("usage").isNull()).isTrue();
        JsonNode last = events.get(events.size() - 1);
        assertThat(last.path("choices")).isEmpty();
        assertThat(last.path("usage")).hasToString("{\"prompt_tokens\":7,\"completion_tokens\":4,\"total_tokens\":11}");
        assertThat(served.request().name()).isEqualTo("mine");
        assertThat(served.request().prompt())
                .isEqualTo(new EnginePrompt.Conversation(
                        List.of(new EnginePrompt.Message(EnginePrompt.Role.USER, "Hello"))));
    }

    @Test
    void anAnswerInOnePieceIsWhole() throws Exception {
        client.post(CHAT, "{" + HELLO + ",\"n\":2,\"logprobs\":true,\"top_logprobs\":1}");
        Served served = engine.next();
        engine.say(served.choices().get(1), "B");
        engine.say(served.choices().get(0), "A");
        engine.end(served.choices().get(1), EndReason.LENGTH);
        engine.end(served.choices().get(0), EndReason.STOP_STRING);
        JsonNode body = body();
        assertThat(body.path("object").asText()).isEqualTo("chat.completion");
        assertThat(body.at("/choices/0/message"))
                .hasToString("{\"role\":\"assistant\",\"content\":\"A\",\"refusal\":null}");
        assertThat(body.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        assertThat(body.at("/choices/1/message/content").asText()).isEqualTo("B");
        assertThat(body.at("/choices/1/finish_reason").asText()).isEqualTo("length");
        assertThat(body.at("/choices/1/logprobs/content/0"))
                .hasToString("{\"token\":\"B\",\"logprob\":-0.25,\"bytes\":[66],\"top_logprobs\":"
                        + "[{\"token\":\"other-0\",\"logprob\":-1.0,\"bytes\":[111,116,104,101,114,45,48]}]}");
        assertThat(body.path("usage")).hasToString("{\"prompt_tokens\":7,\"completion_tokens\":2,\"total_tokens\":9}");
        assertThat(gateway.metrics())
                .contains("edistream_gateway_requests_total{endpoint=\"chat.completions\",watched=\"true\"} 1.0")
                .contains("edistream_gateway_client_tokens_total{client=\"\",part=\"answer\"} 2.0")
                .contains("edistream_gateway_time_to_first_token_seconds_count{upstream=\"default\"} 1");
    }

    @Test
    void aCompletionHasTheOldForm() throws Exception {
        client.post(COMPLETIONS, "{\"model\":\"default\",\"prompt\":[5,6],\"logprobs\":1,\"stream\":true}");
        Served served = engine.next();
        GenerationHandle choice = served.choices().get(0);
        engine.say(choice, "One", " two");
        engine.end(choice, EndReason.END_OF_SEQUENCE);
        String head = client.readHead();
        String stream = new String(client.readBody(head), UTF_8);
        List<JsonNode> events = ChatEvents.events(stream);
        StringBuilder text = new StringBuilder();
        StringBuilder offsets = new StringBuilder();
        for (JsonNode event : events) {
            assertThat(event.path("object").asText()).isEqualTo("text_completion");
            text.append(event.at("/choices/0/text").asText());
            event.at("/choices/0/logprobs/text_offset")
                    .forEach(offset -> offsets.append(offset).append(' '));
        }
        assertThat(text).hasToString("One two");
        assertThat(offsets).as("the token that ends it has no text").hasToString("0 3 ");
        assertThat(events.get(0).at("/choices/0/logprobs/top_logprobs/0"))
                .hasToString("{\"other-0\":-1.0,\"One\":-0.25}");
        assertThat(served.request().prompt()).isEqualTo(new EnginePrompt.Tokens(List.of(5, 6)));
    }

    @Test
    void aCommandEndsOneChoiceProperlyAndTheOtherGoesOn() throws Exception {
        client.post(CHAT, "{" + HELLO + ",\"n\":2,\"stream\":true}");
        Served served = engine.next();
        engine.say(served.choices().get(0), "long", "er");
        engine.say(served.choices().get(1), "short");
        engine.send(Aborts.of(served.choices().get(0).counter(), 0));
        assertThat(engine.awaitEnd(served.choices().get(0).counter())).isEqualTo(EndReason.ABORTED);
        engine.say(served.choices().get(1), "est");
        engine.end(served.choices().get(1), EndReason.END_OF_SEQUENCE);
        String head = client.readHead();
        String stream = new String(client.readBody(head), UTF_8);
        assertThat(ChatEvents.text(stream, 0)).isEqualTo("longer");
        assertThat(ChatEvents.text(stream, 1)).isEqualTo("shortest");
        assertThat(ChatEvents.events(stream).stream().filter(event -> event.has("edistream")))
                .singleElement()
                .satisfies(end -> {
                    assertThat(end.path("edistream"))
                            .hasToString(
                                    "{\"choice\":0,\"action\":\"abort\",\"reason\":\"too high\",\"rule\":\"rule-1\","
                                            + "\"token\":2}");
                    assertThat(end.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
                });
        assertThat(stream).endsWith("data: [DONE]\n\n");
    }

    @Test
    void aBodySaysWhatEndedIt() throws Exception {
        client.post(CHAT, "{" + HELLO + "}");
        GenerationHandle choice = engine.next().choices().get(0);
        engine.say(choice, "wrong");
        engine.send(Aborts.of(choice.counter(), 0));
        JsonNode body = body();
        assertThat(body.at("/choices/0/message/content").asText()).isEqualTo("wrong");
        assertThat(body.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        assertThat(body.at("/edistream/ended/0/rule").asText()).isEqualTo("rule-1");
    }

    /** The second model reads the tokens of the first as its prompt, which the client does not pay for twice. */
    @Test
    void aRerouteGoesOnInTheSameStream() throws Exception {
        client.post(
                CHAT, "{" + HELLO + ",\"logprobs\":true,\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
        GenerationHandle choice = engine.next().choices().get(0);
        engine.say(choice, "small");
        engine.send(reroute(choice.counter()));
        assertThat(engine.awaitEnd(choice.counter())).isEqualTo(EndReason.REROUTED);
        engine.say(choice, "big");
        engine.end(choice, EndReason.END_OF_SEQUENCE);
        String head = client.readHead();
        String stream = new String(client.readBody(head), UTF_8);
        assertThat(ChatEvents.text(stream, 0)).isEqualTo("smallbig");
        assertThat(ChatEvents.events(stream).stream()
                        .flatMap(event -> event.get("choices").findValuesAsText("token").stream()))
                .containsExactly("small", "BIG");
        assertThat(stream)
                .contains("{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10}")
                .endsWith("data: [DONE]\n\n");
        assertThat(ChatEvents.events(stream).stream().filter(event -> event.has("edistream")))
                .singleElement()
                .satisfies(event -> {
                    // A loop that is late finds both at once.
                    assertThat(event.at("/choices/0/delta/content").asText()).endsWith("big");
                    assertThat(event.get("edistream").toString()).isEqualTo(MOVED);
                });
    }

    @Test
    void aRerouteIsToldOfInOnePiece() throws Exception {
        client.post(CHAT, "{" + HELLO + "}");
        GenerationHandle choice = engine.next().choices().get(0);
        engine.say(choice, "small");
        engine.send(reroute(choice.counter()));
        engine.say(choice, "big");
        engine.end(choice, EndReason.END_OF_SEQUENCE);
        assertThat(body().at("/edistream/rerouted").toString()).isEqualTo("[" + MOVED + "]");
    }

    /** The first event behind the reasoning says why that ended, also where one report has all of it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aConclusionIsToldOf(boolean streams) throws Exception {
        client.post(CHAT, "{" + HELLO + ",\"stream\":" + streams + "}");
        GenerationHandle choice = engine.next().choices().get(0);
        engine.say(choice, "hm");
        engine.send(command(choice.counter(), ControlAction.CONCLUDE, 0, null));
        engine.force(choice, "</think>", "</think>");
        engine.say(choice, "big", "answer");
        engine.end(choice, EndReason.END_OF_SEQUENCE);
        String notice = "{\"choice\":0,\"action\":\"conclude\",\"reason\":\"unsure\",\"rule\":\"rule-2\",\"token\":3}";
        if (streams) {
            String stream = new String(client.readBody(client.readHead()), UTF_8);
            assertThat(ChatEvents.text(stream, 0)).isEqualTo("hm</think></think>biganswer");
            assertThat(ChatEvents.events(stream).stream().filter(event -> event.has("edistream")))
                    .singleElement()
                    .satisfies(event ->
                            assertThat(event.get("edistream").toString()).isEqualTo(notice));
        } else {
            assertThat(body().at("/edistream/concluded").toString()).isEqualTo("[" + notice + "]");
        }
    }

    @Test
    void whatACommandStartedBesideTheAnswerEndsWithIt() throws Exception {
        client.post(CHAT, "{" + HELLO + "}");
        GenerationHandle choice = engine.next().choices().get(0);
        engine.say(choice, "enough");
        engine.send(command(choice.counter(), ControlAction.START, 1, null));
        engine.end(choice, EndReason.END_OF_SEQUENCE);
        assertThat(body().at("/choices/0/message/content").asText()).isEqualTo("enough");
        assertThat(engine.awaitEnd(choice.counter() + 1)).isEqualTo(EndReason.CANCELLED);
    }

    private static ControlCommand reroute(long sequence) {
        return command(sequence, ControlAction.REROUTE, 0, "stronger");
    }

    private static ControlCommand command(long sequence, ControlAction action, int samples, @Nullable String route) {
        long now = MicrosClock.system().micros();
        return new ControlCommand(
                new UUID(sequence, 1),
                sequence,
                action,
                true,
                new ControlCommand.Cause("rule-2", 1, "m", "default", null, "unsure"),
                new ControlCommand.Timing(0, now, 0, now, 0),
                new ControlCommand.Arguments(
                        false, null, 0, 0, samples, route, false, null, null, List.of(), java.util.Map.of()));
    }

    private JsonNode body() throws IOException {
        String head = client.readHead();
        assertThat(head).startsWith("HTTP/1.1 200");
        return MAPPER.readTree(client.readBody(head));
    }
}
