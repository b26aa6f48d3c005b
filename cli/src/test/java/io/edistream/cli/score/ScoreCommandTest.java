package io.edistream.cli.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.edistream.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Options, and what is written. */
class ScoreCommandTest {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String EXAMPLE = "{\"id\": \"example\", \"entropies\": [0, 2, 0, 0, 3, 0, 0, 0, 0, 2]}";

    @TempDir
    private Path folder;

    private final CommandRun run = new CommandRun();

    @ParameterizedTest
    @CsvSource({"1, 3, 6.63", "2, 2, 5.525", "3, 1, 4.42", "8, 0, 3.315"})
    void scoresTheWorkedExample(String window, int bursts, double edis) throws IOException {
        assertThat(score(EXAMPLE, "--burst-window", window)).isZero();
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
        score(EXAMPLE, "--burst-window", "1", "--burst-threshold", "2.5", "--rebound-threshold", "5");
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
            value = {
                "--burst-window=0; --burst-window 0: must be 1 to 64",
                "--burst-window=65; --burst-window 65: must be 1 to 64",
                "--burst-window=x; Invalid value for option '--burst-window'",
                "--burst-threshold=-1; --burst-threshold -1: must be finite and at least 0",
                "--rebound-threshold=NaN; --rebound-threshold NaN",
                "--no-such-option; Unknown option",
                "--format=xml; Invalid value for option '--format'",
                "--format=csv --keep; --keep: must stand together with --format jsonl",
                "--prefix=8; --prefix 8: must stand together with --summary",
                "--prefix=0 --summary; --prefix 0: must be at least 1"
            })
    void aWrongOptionIsRefusedBeforeAnythingIsRead(String option, String reason) throws IOException {
        assertThat(score(EXAMPLE, option.split(" "))).isEqualTo(2);
        assertThat(run.err()).contains(reason);
        assertThat(run.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.50",
                "-0",
                "123456789012345678901234567890",
                "1e400",
                "\"\"",
                "\"\u00e9\u20ac\ud83d\ude42\"",
                "\"\\u00e9 \\\" \\\\ \\/ \\n\"",
                // Half of a pair is no character, but may be named.
                "\"\\ud83d\""
            })
    void anIdComesBackAsItWasWritten(String id) throws IOException {
        String line = "{\"entropies\": [1], \"id\" : " + id + " }\n";
        assertThat(score("\ufeff" + line + line)).as(run.toString()).isZero();
        assertThat(run.out().lines())
                .hasSize(2)
                .allMatch(scored -> scored.startsWith("{\"id\":" + id + ",\"tokens\":1,"));
    }

    @Test
    void otherFieldsAreDroppedOrKeptAsTheyWereWritten() throws IOException {
        String line = "{\"z\": {\"a\": [1, \"\u00e9\"]}, \"id\": 1, \"\\u0061\" :2.50, \"correct\": true,"
                + " \"entropies\": [1], \"s\": \"\\ud83d x\", \"n\": null, \"logprobs\": [0]}";
        assertThat(score(line)).as(run.toString()).isZero();
        assertThat(run.out()).startsWith("{\"id\":1,\"tokens\":1,\"measured\":1,\"signals\":{\"edis\":");

        assertThat(score("\ufeff" + line, "--keep")).as(run.toString()).isZero();
        assertThat(run.out().lines().toList().get(1))
                .startsWith("{\"id\":1,\"z\": {\"a\": [1, \"\u00e9\"]},\"\\u0061\" :2.50,\"correct\": true,"
                        + "\"s\": \"\\ud83d x\",\"n\": null,\"tokens\":1,\"measured\":1,\"signals\":{");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tokens", "measured", "signals"})
    void whatWouldStandTwiceInTheOutputCannotBeKept(String field) throws IOException {
        String line = "{\"id\": 1, \"entropies\": [1], \"" + field + "\": [\"a\"]}";
        assertThat(score(line)).isZero();
        assertThat(score(line, "--keep")).isEqualTo(1);
        assertThat(run.err()).contains("line 1: field \"" + field + "\" cannot be kept: must have another name");
    }

    @Test
    void aTableHasAHeaderAndEmptyFieldsForWhatIsAbsent() throws IOException {
        assertThat(score(
                        "{\"id\": \"a,\\\"b\\\"\\nc\", \"entropies\": [1, null]}\n{\"id\": 1.50, \"entropies\": [null]}\n"
                                + "{\"id\": \"\u00e9 x\", \"entropies\": [0], \"uppers\": [1], \"logprobs\": [0], \"confidences\": [2]}",
                        "--format",
                        "csv"))
                .as(run.toString())
                .isZero();
        assertThat(run.out())
                .isEqualTo("id,tokens,measured,edis,burst,rebound,entropy_variance,mean_entropy,sequence_entropy,"
                        + "spike_count,largest_windowed_entropy,entropy_gap,perplexity,token_confidence,"
                        + "lowest_group_confidence,tail_confidence\n"
                        + "\"a,\"\"b\"\"\nc\",2,1,0.0,0.0,0.0,0.0,1.0,1.0,0.0,1.0,,,,,\n"
                        + "1.50,1,0,,,,,,,,,,,,,\n"
                        + "\u00e9 x,1,1,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,2.0,2.0,2.0\n");
    }

    @Test
    void aTableOfNothingHasItsHeader() throws IOException {
        assertThat(score("", "--format", "csv")).isZero();
        assertThat(run.out()).startsWith("id,tokens,measured,edis,").hasLineCount(1);
    }

    @Test
    void aTableCannotCarryHalfACharacter() throws IOException {
        assertThat(score("{\"id\": \"\\ud83d\", \"entropies\": [1]}\n" + EXAMPLE, "--format", "csv"))
                .isEqualTo(1);
        assertThat(run.err())
                .startsWith("line 1: \"id\" holds half of a surrogate pair")
                .hasLineCount(1);
        assertThat(run.out()).hasLineCount(2).contains("\nexample,10,10,");
    }

    @Test
    void scoresThatNobodyTakesEndTheWork() throws IOException {
        Path file = Files.writeString(folder.resolve("input.jsonl"), (EXAMPLE + "\n").repeat(3));
        assertThat(run.executeWithoutOutput("score", file.toString())).isEqualTo(1);
        assertThat(run.err()).contains("edistream: standard output takes no more");
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
        List<String> arguments = new ArrayList<>(List.of("score"));
        arguments.addAll(List.of(options));
        arguments.add(file.toString());
        return run.execute(arguments.toArray(String[]::new));
    }
}
