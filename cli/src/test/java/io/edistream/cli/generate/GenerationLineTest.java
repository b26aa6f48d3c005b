package io.edistream.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.generator.decode.ChatMessage;
import io.edistream.generator.decode.ChatMessage.Role;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.generator.decode.Prompt;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.answers.Extraction;
import io.edistream.signals.groups.SamplePlan;
import io.edistream.signals.groups.Strategy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerationLineTest {

    private static final GenerationLine.Defaults DEFAULTS = new GenerationLine.Defaults(0.7, 99, 3, null);
    private static final long SEED = 42;

    @Test
    void aPromptAloneGetsTheDefaults() {
        GenerationLine line = parse("{\"id\": 7, \"prompt\": \"How many?\"}");
        assertThat(line.id().intValue()).isEqualTo(7);
        assertThat(line.samples()).isEqualTo(3);
        GenerationRequest request = line.request();
        assertThat(request.stop()).isEmpty();
        assertThat(line.plan()).isNull();
        assertThat(request.name()).isEqualTo("7");
        assertThat(request.prompt()).isEqualTo(new Prompt.Text("How many?"));
        assertThat(request.route()).isEqualTo(GenerationRequest.DEFAULT_ROUTE);
        assertThat(request.sampling()).isEqualTo(Sampling.of(0.7, SEED));
        assertThat(request.maxNewTokens()).isEqualTo(99);
        assertThat(request.check().isRight(Optional.of("8"))).isEmpty();
        assertThat(request.extraction()).isNull();
    }

    @Test
    void whatIsExpectedIsWrittenAsTheAnswersAre() {
        String line = "{\"id\": 1, \"prompt\": \"p\", \"answer\": \"$1,234\"%s}";
        GenerationRequest bare = parse(line.formatted("")).request();
        assertThat(bare.check().isRight(Optional.of("$1,234"))).contains(true);
        GenerationRequest number =
                parse(line.formatted(", \"extract\": \"last_number\"")).request();
        assertThat(number.extraction()).isEqualTo(Extraction.parse("last_number"));
        assertThat(number.check().isRight(Optional.of("1234"))).contains(true);
        assertThat(number.check().isRight(Optional.of("1235"))).contains(false);
    }

    @Test
    void linesThatDoNotSayHaveTheirAnswersExtractedByDefault() {
        GenerationLine.Defaults boxed = new GenerationLine.Defaults(1, 9, 1, Extraction.parse("boxed"));
        GenerationRequest silent = GenerationLine.parse(
                        "{\"id\": 1, \"prompt\": \"p\", \"answer\": \"1,000\"}", boxed, SEED)
                .request();
        assertThat(silent.extraction()).isEqualTo(Extraction.parse("boxed"));
        assertThat(silent.check().isRight(Optional.of("1000"))).contains(true);
        GenerationRequest other = GenerationLine.parse(
                        "{\"id\": 1, \"prompt\": \"p\", \"extract\": \"regex:[AB]\"}", boxed, SEED)
                .request();
        assertThat(other.extraction()).isEqualTo(Extraction.parse("regex:[AB]"));
    }

    @Test
    void messagesStandInsteadOfAPrompt() {
        GenerationLine line = parse("{\"id\": 1, \"messages\": [{\"role\": \"system\", \"content\": \"be brief\"},"
                + " {\"role\": \"user\", \"content\": \"hi\"}]}");
        assertThat(line.request().prompt())
                .isEqualTo(new Prompt.Messages(
                        List.of(new ChatMessage(Role.SYSTEM, "be brief"), new ChatMessage(Role.USER, "hi"))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"prompt\": \"a\", \"messages\": [] | not both",
                "\"messages\": [] | must be a list of at least one",
                "\"messages\": \"hi\" | must be a list of at least one",
                "\"messages\": [{\"role\": \"tool\", \"content\": \"a\"}] | \"role\" of message 1 is \"tool\"",
                "\"messages\": [{\"role\": \"user\"}] | \"content\" of message 1 is",
                "\"messages\": [3] | \"role\" of message 1 is"
            })
    void saysWhatIsWrongWithMessages(String fields, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("{\"id\": 1, " + fields + "}"))
                .withMessageContaining(message);
    }

    @Test
    void everyFieldCounts() {
        GenerationLine line = parse("{\"id\": \"a\", \"prompt\": \"How many?\", \"route\": \"large\", \"samples\": 2,"
                + " \"temperature\": 0, \"top_k\": 5, \"top_p\": 0.9, \"min_p\": 0.1, \"seed\": -3,"
                + " \"repetition_penalty\": 1.2, \"presence_penalty\": -0.5, \"frequency_penalty\": 0.25,"
                + " \"logit_bias\": {\"17\": -100, \"3\": 1.5}, \"strategy\": \"waves:2:3\", \"extract\": \"boxed\","
                + " \"max_new_tokens\": 12, \"stop\": [\"so\", \"x\"], \"answer\": \"8\"}");
        assertThat(line.samples()).isEqualTo(2);
        GenerationRequest request = line.request();
        assertThat(request.stop()).containsExactly("so", "x");
        assertThat(request.extraction()).isEqualTo(Extraction.parse("boxed"));
        assertThat(request.route()).isEqualTo("large");
        assertThat(request.sampling())
                .isEqualTo(new Sampling(
                        0, 5, 0.9, 0.1, -3, new Sampling.Penalties(1.2, -0.5, 0.25), Map.of(17, -100f, 3, 1.5f)));
        assertThat(line.plan()).isEqualTo(new SamplePlan(new Strategy.Waves(2, 3), 2));
        assertThat(request.maxNewTokens()).isEqualTo(12);
        assertThat(request.check().isRight(Optional.of("8"))).contains(true);
        assertThat(request.check().isRight(Optional.of("9"))).contains(false);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "nonsense; not JSON",
                "[1]; an array: must be an object",
                "{\"prompt\": \"p\"}; \"id\" is missing: must be a string or a number",
                "{\"id\": 1}; \"prompt\" is missing: must be a string",
                "{\"id\": 1, \"prompt\": 5}; \"prompt\" is 5: must be a string",
                "{\"id\": 1, \"prompt\": \"p\", \"promt\": 1}; unknown field promt: must be of id, prompt",
                "{\"id\": 1, \"prompt\": \"p\", \"samples\": 0}; samples must be 1 to 64, not 0",
                "{\"id\": 1, \"prompt\": \"p\", \"samples\": 65}; samples must be 1 to 64, not 65",
                "{\"id\": 1, \"prompt\": \"p\", \"samples\": 1.5}; \"samples\" is 1.5: must be a whole number",
                "{\"id\": 1, \"prompt\": \"p\", \"temperature\": \"hot\"}; \"temperature\" is \"hot\": must be a finite number",
                "{\"id\": 1, \"prompt\": \"p\", \"temperature\": -1}; temperature must be from 0 to 100, not -1.0",
                "{\"id\": 1, \"prompt\": \"p\", \"top_k\": -1}; top-k must be at least 0",
                "{\"id\": 1, \"prompt\": \"p\", \"top_k\": 3000000000}; must be a whole number below 2^31",
                "{\"id\": 1, \"prompt\": \"p\", \"top_p\": 0}; top-p must be above 0",
                "{\"id\": 1, \"prompt\": \"p\", \"min_p\": 1}; min-p must be from 0 to below 1",
                "{\"id\": 1, \"prompt\": \"p\", \"repetition_penalty\": 0}; repetition penalty must be above 0",
                "{\"id\": 1, \"prompt\": \"p\", \"presence_penalty\": 2.1}; presence penalty must be from -2 to 2",
                "{\"id\": 1, \"prompt\": \"p\", \"frequency_penalty\": \"x\"}; must be a finite number",
                "{\"id\": 1, \"prompt\": \"p\", \"logit_bias\": [1]}; must be an object of token ids with numbers",
                "{\"id\": 1, \"prompt\": \"p\", \"logit_bias\": {\"a\": 1}}; \"logit_bias\" has \"a\": must be the id of a token",
                "{\"id\": 1, \"prompt\": \"p\", \"logit_bias\": {\"1\": 101}}; the bias of token 1 must be from -100 to 100",
                "{\"id\": 1, \"prompt\": \"p\", \"logit_bias\": {\"1\": \"x\"}}; must be a finite number",
                "{\"id\": 1, \"prompt\": \"p\", \"strategy\": \"best\"}; no strategy best: must be all",
                "{\"id\": 1, \"prompt\": \"p\", \"strategy\": \"until:0\"}; 0 samples that agree: must be 1 to 1024",
                "{\"id\": 1, \"prompt\": \"p\", \"strategy\": \"waves:2\"}; no strategy waves:2",
                "{\"id\": 1, \"prompt\": \"p\", \"seed\": 9223372036854775808}; must be a whole number below 2^63",
                "{\"id\": 1, \"prompt\": \"p\", \"max_new_tokens\": 0}; maximum of new tokens must be at least 1",
                "{\"id\": 1, \"prompt\": \"p\", \"stop\": 8}; must be a string or a list of strings",
                "{\"id\": 1, \"prompt\": \"p\", \"stop\": {}}; must be a string or a list of strings",
                "{\"id\": 1, \"prompt\": \"p\", \"stop\": [8]}; must be a string or a list of strings",
                "{\"id\": 1, \"prompt\": \"p\", \"stop\": \"\"}; a stop string must have 1 to 256 characters",
                "{\"id\": 1, \"prompt\": \"p\", \"extract\": 8}; \"extract\" is 8: must be a string",
                "{\"id\": 1, \"prompt\": \"p\", \"extract\": \"number\"}; \"extract\": no extraction number: must be last_number, boxed",
                "{\"id\": 1, \"prompt\": \"p\", \"extract\": \"regex:(\"}; \"extract\": the pattern of an extraction is none: missing closing )",
                "{\"id\": 1, \"prompt\": \"p\", \"extract\": \"regex:a{1001}\"}; \"extract\": the counts in the pattern",
                "{\"id\": 1, \"prompt\": \"p\", \"answer\": 8}; \"answer\" is 8: must be a string",
                "{\"id\": 1, \"prompt\": \"p\", \"route\": null}; \"route\" is null: must be a string"
            })
    void aBadLineSaysWhatIsWrong(String text, String reason) {
        assertThatIllegalArgumentException().isThrownBy(() -> parse(text)).withMessageContaining(reason);
    }

    private static GenerationLine parse(String text) {
        return GenerationLine.parse(text, DEFAULTS, SEED);
    }
}
