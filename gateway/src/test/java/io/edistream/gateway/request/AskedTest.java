package io.edistream.gateway.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.json.JsonBody;
import io.edistream.sequences.ToldSampling;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AskedTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "VLLM|{\"model\":\"m\",\"stream\":true,\"x\":[1, 2]}|{\"model\":\"m\",\"stream\":true,\"x\":[1, 2],\"logprobs\":true,\"top_logprobs\":20,\"return_token_ids\":true,\"stream_options\":{\"include_usage\":true}}",
                "VLLM|{\"stream\":false}|{\"stream\":true,\"logprobs\":true,\"top_logprobs\":20,\"return_token_ids\":true,\"stream_options\":{\"include_usage\":true}}",
                "LLAMACPP|{\"stream\":true}|{\"stream\":true,\"logprobs\":true,\"top_logprobs\":20,\"timings_per_token\":true}",
                "LLAMACPP|{\"stream\":true,\"tools\":[{}]}|{\"stream\":true,\"tools\":[{}],\"n_probs\":20,\"timings_per_token\":true}",
                "OPENAI|{\"stream\":true,\"stream_options\":{\"a\":1}}|{\"stream\":true,\"stream_options\":{\"a\":1,\"include_usage\":true},\"logprobs\":true,\"top_logprobs\":20}",
                "OPENAI|{\"logprobs\":false,\"top_logprobs\":null}|{\"logprobs\":true,\"top_logprobs\":20,\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
                // What the client asks for itself stays as it is.
                "GENERIC|{\"logprobs\":true,\"top_logprobs\":3}|{\"logprobs\":true,\"top_logprobs\":3}",
                "GENERIC|{\"stream\":true,\"n_probs\":3,\"stream_options\":{\"include_usage\":true}}|{\"stream\":true,\"n_probs\":3,\"stream_options\":{\"include_usage\":true}}",
                "GENERIC|{\"edistream\":{\"watch\":true},\"a\":1}|{\"a\":1,\"logprobs\":true,\"top_logprobs\":20}",
            })
    void aChatIsAskedForMore(UpstreamKind kind, String body, String expected) throws IOException {
        assertThat(sent(Endpoint.CHAT, kind, 20, body)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "VLLM|{\"prompt\":\"p\"}|{\"prompt\":\"p\",\"logprobs\":20,\"return_token_ids\":true,\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
                "LLAMACPP|{\"prompt\":\"p\"}|{\"prompt\":\"p\",\"logprobs\":20,\"timings_per_token\":true,\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
                "OPENAI|{\"prompt\":\"p\"}|{\"prompt\":\"p\",\"logprobs\":5,\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
                "OPENAI|{\"prompt\":\"p\",\"logprobs\":0}|{\"prompt\":\"p\",\"logprobs\":0}",
            })
    void aCompletionIsAskedForMore(UpstreamKind kind, String body, String expected) throws IOException {
        assertThat(sent(Endpoint.COMPLETIONS, kind, 20, body)).isEqualTo(expected);
    }

    @Test
    void whoWantsNoAlternativesAsksForNone() throws IOException {
        assertThat(sent(Endpoint.CHAT, UpstreamKind.GENERIC, 0, "{\"a\":1}")).isEqualTo("{\"a\":1}");
        assertThat(sent(Endpoint.CHAT, UpstreamKind.OPENAI, 21, "{}")).contains("\"top_logprobs\":20");
        assertThat(sent(Endpoint.CHAT, UpstreamKind.GENERIC, 21, "{}")).contains("\"top_logprobs\":21");
    }

    @Test
    void whatIsPlainIsAsTheClientWroteIt() throws IOException {
        byte[] body = "{ \"model\" : \"m\" }".getBytes(UTF_8);
        assertThat(Asked.of(Endpoint.CHAT, JsonBody.of(body)).plain("m")).isSameAs(body);
        assertThat(Asked.of(Endpoint.CHAT, JsonBody.of(body)).plain(null)).isSameAs(body);
        assertThat(Asked.of(Endpoint.CHAT, JsonBody.of(body)).plain("o\""))
                .asString(UTF_8)
                .isEqualTo("{ \"model\" : \"o\\\"\" }");
        assertThat(asked("{\"edistream\":null}").plain(null)).asString(UTF_8).isEqualTo("{\"edistream\":null}");
        assertThat(asked("{\"edistream\":null}").plain("m")).asString(UTF_8).isEqualTo("{\"model\":\"m\"}");
        assertThat(asked("{\"edistream\":{\"watch\":false},\"a\":1}").plain(null))
                .asString(UTF_8)
                .isEqualTo("{\"a\":1}");
    }

    @Test
    void factsAreRead() throws IOException {
        Asked asked = asked("{\"model\":\"m\",\"stream\":true,\"n\":3,\"temperature\":0.5,\"top_k\":-1,\"seed\":7,"
                + "\"presence_penalty\":1,\"edistream\":{\"watch\":false,\"request\":\"r\",\"group\":\"g\"}}");
        assertThat(asked.model()).isEqualTo("m");
        assertThat(asked.streams()).isTrue();
        assertThat(asked.choices()).isEqualTo(3);
        assertThat(asked.sampling())
                .isEqualTo(new ToldSampling(.5, 0, null, null, 7L, Map.of("presence_penalty", 1.0)));
        assertThat(asked.wishes()).isEqualTo(new Asked.Wishes(false, "r", "g"));
        assertThat(asked("{}").wishes()).isEqualTo(Asked.Wishes.NONE);
        assertThat(asked("{\"model\":1,\"stream\":null,\"n\":\"x\",\"temperature\":1e999}")
                        .model())
                .isNull();
        assertThat(asked("{\"temperature\":1e999}").sampling()).isEqualTo(ToldSampling.UNKNOWN);
        assertThat(asked("{\"n\":-5}").choices()).isEqualTo(1);
        assertThat(asked("{\"n\":1000000000000}").choices()).isEqualTo(1_000_000_000_000L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|1",
                "{\"prompt\":\"a\"}|1",
                "{\"prompt\":[\"a\",\"b\"],\"n\":2}|4",
                "{\"prompt\":[1,2,3],\"n\":2}|2",
                "{\"prompt\":[[1,2],[3]]}|2",
                "{\"prompt\":[]}|1",
            })
    void everyPromptHasItsChoices(String body, long choices) throws IOException {
        assertThat(Asked.of(Endpoint.COMPLETIONS, JsonBody.of(body.getBytes(UTF_8)))
                        .choices())
                .isEqualTo(choices);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|false|false",
                "{\"tools\":[]}|false|false",
                "{\"tools\":[{}]}|true|false",
                "{\"functions\":[{}]}|true|false",
                "{\"response_format\":{\"type\":\"text\"}}|false|false",
                "{\"response_format\":{\"type\":\"json_object\"}}|false|true",
                "{\"structured_outputs\":{}}|false|true",
                "{\"guided_regex\":\"a\"}|false|true",
                "{\"grammar\":\"a\"}|false|true",
                "{\"grammar\":null}|false|false",
            })
    void toolsAndFormsAreSeen(String body, boolean tools, boolean form) throws IOException {
        assertThat(asked(body).hasTools()).isEqualTo(tools);
        assertThat(asked(body).hasForm()).isEqualTo(form);
    }

    /** 12345 derived for sample 1, by the same mixing written in another language. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "0|{\"seed\":12345,\"n\":1}|{\"seed\":12345,\"n\":1,\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
                "1|{\"seed\":12345}|{\"seed\":328259638,\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
                "1|{\"seed\":\"x\",\"stream\":false}|{\"seed\":\"x\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
                "2|{\"edistream\":{\"n\":3},\"stream_options\":{\"a\":1}}|{\"stream_options\":{\"a\":1,\"include_usage\":true},\"stream\":true}",
            })
    void aSampleIsAStreamWithASeedOfItsOwn(int sample, String body, String expected) throws IOException {
        assertThat(new String(asked(body).sample(sample).plain(null), UTF_8)).isEqualTo(expected);
    }

    @Test
    void whatIsNoObjectIsRefused() {
        assertThatThrownBy(() -> asked("[]")).isInstanceOf(IOException.class);
    }

    private static Asked asked(String body) throws IOException {
        return Asked.of(Endpoint.CHAT, JsonBody.of(body.getBytes(UTF_8)));
    }

    private static String sent(Endpoint endpoint, UpstreamKind kind, int alternatives, String body) throws IOException {
        Upstream upstream =
                new Upstream("u", URI.create("http://u"), kind, List.of(), null, null, 0, null, alternatives, false, 1);
        Asked asked = Asked.of(endpoint, JsonBody.of(body.getBytes(UTF_8)));
        return new String(asked.with(asked.additions(upstream, null), upstream, null), UTF_8);
    }
}
