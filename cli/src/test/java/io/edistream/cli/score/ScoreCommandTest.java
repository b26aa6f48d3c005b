package io.edistream.cli.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.edistream.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScoreCommandTest {

    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String EXAMPLE = "{\"id\": \"example\", \"entropies\": [0, 2, 0, 0, 3, 0, 0, 0, 0, 2]}";

    @TempDir
    private Path folder;

    private final CommandRun run = new CommandRun();

    @ParameterizedTest
    @CsvSource({"1, 3, 6.63", "2, 2, 5.525", "3, 1, 4.42", "8, 0, 3.315"})
    void scoresTheWorkedExample(String window, int bursts, double edis) throws IOException {
        assertThat(score(EXAMPLE, "--window", window)).isZero();
        JsonNode line = MAPPER.readTree(run.out());
        assertThat(line.path("id").textValue()).isEqualTo("example");
        assertThat(line.path("tokens").intValue()).isEqualTo(10);
        assertThat(line.at("/signals/burst").doubleValue()).isEqualTo(bursts);
        assertThat(line.at("/signals/rebound").doubleValue()).isEqualTo(3);
        assertThat(line.at("/signals/edis").doubleValue()).isCloseTo(edis, within(1e-12));
        assertThat(line.at("/signals/perplexity").isMissingNode()).isTrue();
    }

    @Test
    void thresholdsCanBeChosen() throws IOException {
        score(EXAMPLE, "--window", "1", "--burst-threshold", "2.5", "--rebound-threshold", "5");
        JsonNode line = MAPPER.readTree(run.out());
        assertThat(line.at("/signals/burst").doubleValue()).isEqualTo(1);
        assertThat(line.at("/signals/rebound").doubleValue()).isEqualTo(0);
    }

    @Test
    void logprobsAndConfidencesAddTheirSignals() throws IOException {
        score("{\"id\": 7, \"entropies\": [1, 1], \"logprobs\": [0, 0], \"confidences\": [2, 4]}");
        JsonNode line = MAPPER.readTree(run.out());
        assertThat(line.path("id").intValue()).isEqualTo(7);
        assertThat(line.at("/signals/perplexity").doubleValue()).isEqualTo(1);
        assertThat(line.at("/signals/token_confidence").doubleValue()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "nonsense; not JSON",
                "[1]; an array: must be an object",
                "{\"entropies\": [1]}; \"id\" is missing",
                "{\"id\": null, \"entropies\": [1]}; \"id\" is null",
                "{\"id\": \"a\"}; \"entropies\" is missing or empty",
                "{\"id\": \"a\", \"entropies\": []}; \"entropies\" is missing or empty",
                "{\"id\": \"a\", \"entropies\": 3}; \"entropies\" is 3: must be an array",
                "{\"id\": \"a\", \"entropies\": [1, \"x\"]}; \"entropies\"[1] is \"x\": must be a number",
                "{\"id\": \"a\", \"entropies\": [1, -0.5]}; token 1: entropy -0.5: must be finite and at least 0",
                "{\"id\": \"a\", \"entropies\": [1e999]}; token 0: entropy Infinity",
                "{\"id\": \"a\", \"id\": \"b\", \"entropies\": [1]}; not JSON: Duplicate field 'id'",
                "{\"id\": \"a\", \"entropies\": [1], \"logprob\": [0]}; unknown field logprob: must be of id, entropies",
                "{\"id\": \"a\", \"entropies\": [1]; not JSON: Unexpected end-of-input (at column 29)",
                "{\"id\": \"a\", \"entropies\": [1], \"logprobs\": [1]}; token 0: logprob 1.0: must be at most 0",
                "{\"id\": \"a\", \"entropies\": [1], \"logprobs\": []}; \"logprobs\" has 0 numbers: must have as many",
                "{\"id\": \"a\", \"entropies\": [1], \"confidences\": [-1]}; confidence -1.0",
                "{\"id\": \"a\", \"entropies\": [1]} {}; not JSON: something stands behind the object"
            })
    void aBadLineIsNamedAndTheOthersAreStillScored(String bad, String reason) throws IOException {
        assertThat(score(EXAMPLE + "\n\n" + bad + "\n" + EXAMPLE)).isEqualTo(1);
        assertThat(run.err()).startsWith("line 3: ").contains(reason).hasLineCount(1);
        assertThat(run.out()).hasLineCount(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--window=0; burst window 0: must be 1 to 64",
                "--window=65; burst window 65: must be 1 to 64",
                "--window=x; Invalid value for option '--window'",
                "--burst-threshold=-1; burst threshold -1.0: must be finite and at least 0",
                "--rebound-threshold=NaN; rebound threshold NaN",
                "--no-such-option; Unknown option"
            })
    void aWrongOptionIsRefusedBeforeAnythingIsRead(String option, String reason) throws IOException {
        assertThat(score(EXAMPLE, option)).isEqualTo(2);
        assertThat(run.err()).contains(reason);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void anIdComesBackAsItWasWritten() throws IOException {
        assertThat(score("\ufeff{\"id\": \"\u00e9\", \"entropies\": [1]}\n{\"id\": 1.50, \"entropies\": [1]}"))
                .as(run.toString())
                .isZero();
        assertThat(run.out()).contains("{\"id\":\"\u00e9\",").contains("{\"id\":1.50,");
    }

    @Test
    void scoresThatNobodyTakesEndTheWork() throws IOException {
        Path file = Files.writeString(folder.resolve("input.jsonl"), (EXAMPLE + "\n").repeat(3));
        assertThat(run.executeWithoutOutput("score", file.toString())).isEqualTo(1);
        assertThat(run.err()).contains("edistream: standard output takes no more");
    }

    @Test
    void whatIsNotUtf8IsRefused() throws IOException {
        Path file = Files.write(folder.resolve("latin1"), new byte[] {'{', '"', (byte) 0xe9, '"', '}'});
        assertThat(run.execute("score", file.toString())).isEqualTo(1);
        assertThat(run.err()).contains("the input is not UTF-8");
    }

    @Test
    void aFileThatCannotBeReadIsNamed() {
        assertThat(run.execute("score", folder.resolve("absent").toString())).isEqualTo(2);
        assertThat(run.execute("score", folder.toString())).isEqualTo(2);
        assertThat(run.err()).contains("no file").contains("is a directory");
    }

    @Test
    void theCommandAsksForASubcommandAndHelpsEverywhere() {
        assertThat(run.execute()).isEqualTo(2);
        assertThat(run.err()).contains("a subcommand is needed").contains("score");
        assertThat(run.execute("--version")).isZero();
        assertThat(run.execute("score", "--version")).isZero();
        assertThat(run.out()).containsPattern("edistream [0-9]+\\.[0-9]+");
        assertThat(run.execute("--help")).isZero();
        assertThat(run.execute("score", "--help")).isZero();
        assertThat(run.out())
                .contains("--rebound-threshold")
                .contains("Default: 1.33")
                .contains("Exit codes");
    }

    private int score(String input, String... options) throws IOException {
        Path file = Files.writeString(folder.resolve("input.jsonl"), input);
        List<String> arguments = new java.util.ArrayList<>(List.of("score"));
        arguments.addAll(List.of(options));
        arguments.add(file.toString());
        return run.execute(arguments.toArray(String[]::new));
    }
}
