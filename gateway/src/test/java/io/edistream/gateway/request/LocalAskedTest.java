package io.edistream.gateway.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.gateway.engine.EngineModel;
import io.edistream.gateway.engine.EnginePrompt;
import io.edistream.gateway.engine.EnginePrompt.Message;
import io.edistream.gateway.engine.EnginePrompt.Role;
import io.edistream.gateway.engine.EngineRequest;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.event.EntropyKind;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalAskedTest {

    private static final String USER = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";
    private static final EngineModel MODEL = new EngineModel("m", Set.of(), "r", EntropyKind.RAW_EXACT, 20);

    @Test
    void whatIsNotSaidIsAsWithOpenAi() throws IOException {
        LocalAsked asked = chat(USER);
        assertThat(asked)
                .extracting(LocalAsked::streams, LocalAsked::usage, LocalAsked::logprobs)
                .containsExactly(false, false, false);
        assertThat(asked.request())
                .isEqualTo(new EngineRequest(
                        "r",
                        new EnginePrompt.Conversation(List.of(new Message(Role.USER, "Hi"))),
                        1,
                        Sampling.of(1, 99),
                        null,
                        List.of(),
                        0,
                        "theirs",
                        null));
    }

    @Test
    void allThatIsSaidIsHeard() throws IOException {
        LocalAsked asked = chat(
                "\"n\":3,\"max_completion_tokens\":9,\"temperature\":0.5,\"top_p\":0.9,\"top_k\":40,"
                        + "\"min_p\":0.1,\"seed\":-7,\"presence_penalty\":1,\"frequency_penalty\":-1,\"repetition_penalty\":1.5,"
                        + "\"logit_bias\":{\"5\":-100},\"stop\":[\"a\",\"b\"],\"logprobs\":true,\"top_logprobs\":20,"
                        + "\"stream\":true,\"stream_options\":{\"include_usage\":true},\"edistream\":{\"request\":\"mine\"},"
                        + "\"messages\":[{\"role\":\"developer\",\"content\":\"Be\"},"
                        + "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]}]");
        assertThat(asked)
                .extracting(LocalAsked::streams, LocalAsked::usage, LocalAsked::logprobs)
                .containsExactly(true, true, true);
        assertThat(asked.request())
                .isEqualTo(new EngineRequest(
                        "r",
                        new EnginePrompt.Conversation(
                                List.of(new Message(Role.SYSTEM, "Be"), new Message(Role.USER, "ab"))),
                        3,
                        new Sampling(.5, 40, .9, .1, -7, new Sampling.Penalties(1.5, 1, -1), Map.of(5, -100f)),
                        9,
                        List.of("a", "b"),
                        20,
                        "mine",
                        null));
    }

    @Test
    void aPromptIsATextOrIds() throws IOException {
        assertThat(completion("\"prompt\":\"x\"").request().prompt()).isEqualTo(new EnginePrompt.Text("x"));
        assertThat(completion("\"prompt\":[\"x\"]").request().prompt()).isEqualTo(new EnginePrompt.Text("x"));
        assertThat(completion("\"prompt\":[7]").request().prompt()).isEqualTo(new EnginePrompt.Tokens(List.of(7)));
        assertThat(completion("\"prompt\":[[7,8]]").request().prompt())
                .isEqualTo(new EnginePrompt.Tokens(List.of(7, 8)));
        LocalAsked legacy = completion("\"prompt\":\"x\",\"logprobs\":0,\"stop\":\"e\",\"top_k\":-1,\"max_tokens\":2");
        assertThat(legacy.logprobs()).isTrue();
        assertThat(legacy.request())
                .extracting(EngineRequest::alternatives, EngineRequest::stop, EngineRequest::maxTokens)
                .containsExactly(0, List.of("e"), 2);
    }

    @Test
    void aLongTraceContextIsItsFirstPart() throws IOException {
        String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assertThat(LocalAsked.of(
                                Endpoint.CHAT,
                                new ObjectMapper().readTree("{" + USER + "}"),
                                MODEL,
                                new LocalAsked.Origin(null, trace + "-more", () -> 1))
                        .request()
                        .traceContext())
                .isEqualTo(trace);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"user\":\"u\",\"metadata\":{\"a\":1},\"store\":false,\"parallel_tool_calls\":true",
                "\"tools\":[],\"functions\":[],\"tool_choice\":\"none\",\"function_call\":\"auto\"",
                "\"tools\":null,\"response_format\":{\"type\":\"text\"},\"modalities\":[\"text\"]",
                "\"echo\":false,\"best_of\":1,\"suffix\":null,\"ignore_eos\":false,\"unheard\":null",
                "\"max_tokens\":4,\"max_completion_tokens\":4,\"edistream\":{\"watch\":true}",
            })
    void whatAsksForNothingIsAccepted(String members) throws IOException {
        assertThat(chat(USER + "," + members).request().prompt()).isInstanceOf(EnginePrompt.Conversation.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"tools\":[{}]|tools is not possible here: this engine does not call tools",
                "\"functions\":[{}]|functions is not possible",
                "\"tool_choice\":\"required\"|tool_choice is not possible",
                "\"response_format\":{\"type\":\"json_object\"}|response_format is not possible here: this engine has no grammar",
                "\"echo\":true|echo is not possible",
                "\"best_of\":2|best_of is not possible",
                "\"suffix\":\"s\"|suffix is not possible",
                "\"ignore_eos\":true|ignore_eos is not possible",
                "\"modalities\":[\"text\",\"audio\"]|modalities is not possible",
                "\"reasoning_effort\":\"low\"|the member reasoning_effort is not known",
                "\"prompt\":\"x\"|the member prompt is not known",
                "\"n\":0|n must be a whole number from 1 to 128, not 0",
                "\"n\":129|n must be a whole number from 1 to 128, not 129",
                "\"n\":1.5|n must be a whole number from 1 to 128, not 1.5",
                "\"stream\":\"yes\"|stream must be true or false, not a text",
                "\"max_tokens\":0|max_tokens must be a whole number of at least 1",
                "\"max_tokens\":2,\"max_completion_tokens\":3|mean the same",
                "\"temperature\":-1|temperature must be from 0 to 100, not -1.0",
                "\"temperature\":1e999|temperature must be a finite number",
                "\"temperature\":\"hot\"|temperature must be a finite number, not a text",
                "\"top_p\":0|top-p must be above 0",
                "\"top_k\":-2|top_k must be a whole number of at least -1",
                "\"seed\":1e30|seed must be a whole number below 2^63",
                "\"logit_bias\":{\"x\":1}|logit_bias must name tokens by their ids",
                "\"logit_bias\":{\"1\":101}|the bias of token 1 must be from -100 to 100",
                "\"logit_bias\":[]|logit_bias must be an object of token ids with numbers, not a list",
                "\"stop\":[1]|stop must be a text or a list of texts, not 1",
                "\"logprobs\":true,\"top_logprobs\":21|top_logprobs must be a whole number from 0 to 20, not 21",
                "\"top_logprobs\":1|top_logprobs needs logprobs",
                "\"edistream\":{\"watch\":false}|edistream.watch cannot be false",
                "\"edistream\":{\"group\":\"g\"}|edistream.group is not possible",
                "\"edistream\":{\"request\":[\"a\"]}|request must be a text, not a list",
                "\"edistream\":{\"odd\":1}|the member edistream.odd is not known",
                "\"edistream\":7|edistream must be an object, not 7",
                "\"stream_options\":7|stream_options must be an object, not 7",
            })
    void whatCannotBeDoneIsRefusedInASentence(String members, String said) {
        assertRefused(() -> chat(USER + "," + members), said);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"x\":null|messages must be a list of at least one message",
                "\"messages\":[]|messages must be a list of at least one message",
                "\"messages\":[7]|messages[0] must be an object, not 7",
                "\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]|messages[0].role must be system, developer, user or assistant",
                "\"messages\":[{\"role\":\"user\"}]|messages[0].content must be a text or a list of parts",
                "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{}}]}]|messages[0].content has a part that is no text",
                "\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"tool_calls\":[{}]}]|messages[0] has more than role and content",
            })
    void aConversationIsOfTexts(String members, String said) {
        assertRefused(() -> chat(members), said);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"x\":null|prompt is missing",
                "\"prompt\":[]|prompt must be a text or a list of token ids, not a list",
                "\"prompt\":7|prompt must be a text or a list of token ids, not 7",
                "\"prompt\":[1,\"a\"]|prompt must be a text or a list of token ids, not a text",
                "\"prompt\":[1,1.5]|prompt must be a text or a list of token ids, not 1.5",
                "\"prompt\":[\"a\",\"b\"]|several prompts in one request are not possible here",
                "\"prompt\":\"x\",\"logprobs\":21|logprobs must be a whole number from 0 to 20, not 21",
                "\"prompt\":\"x\",\"messages\":[]|the member messages is not known",
            })
    void aCompletionHasOnePrompt(String members, String said) {
        assertRefused(() -> completion(members), said);
    }

    /** What people wrote has no place in an error that may be logged. */
    @Test
    void longNamesAndNumbersAreCut() {
        assertThatThrownBy(() -> chat(USER + ",\"" + "x".repeat(1000) + "\":1"))
                .hasMessageContaining("x".repeat(64) + "... is not known")
                .hasMessageNotContaining("x".repeat(65));
        assertThatThrownBy(() -> chat(USER + ",\"n\":" + "9".repeat(500)))
                .hasMessageContaining("9".repeat(24) + "...")
                .hasMessageNotContaining("9".repeat(25));
    }

    private static void assertRefused(ThrowingCallable asked, String said) {
        assertThatThrownBy(asked).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(said);
    }

    private static LocalAsked chat(String members) throws IOException {
        return asked(Endpoint.CHAT, members);
    }

    private static LocalAsked completion(String members) throws IOException {
        return asked(Endpoint.COMPLETIONS, members);
    }

    private static LocalAsked asked(Endpoint endpoint, String members) throws IOException {
        return LocalAsked.of(
                endpoint,
                new ObjectMapper().readTree("{\"model\":\"m\"," + members + "}"),
                MODEL,
                new LocalAsked.Origin("theirs", null, () -> 99));
    }
}
