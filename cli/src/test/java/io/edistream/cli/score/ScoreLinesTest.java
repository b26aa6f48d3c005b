package io.edistream.cli.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.edistream.cli.CommandRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a line says, and what is said of one that cannot be used. */
class ScoreLinesTest {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String EXAMPLE = "{\"id\": \"example\", \"entropies\": [0, 2, 0, 0, 3, 0, 0, 0, 0, 2]}";

    @TempDir
    private Path folder;

    private final CommandRun run = new CommandRun();

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "nonsense; not JSON",
                "[1]; an array: must be an object",
                "1; 1: must be an object",
                "\"\\u001b[31m\"; \"\\u001B[31m\": must be an object",
                "{\"entropies\": [1]}; \"id\" is missing",
                "{\"id\": null, \"entropies\": [1]}; \"id\" is null: must be a string or a number",
                "{\"id\": NaN, \"entropies\": [1]}; \"id\" is NaN: must be a string or a number",
                "{\"id\": [1], \"entropies\": [1]}; \"id\" is an array",
                "{\"id\": {}, \"entropies\": [1]}; \"id\" is an object",
                "{\"id\": \"a\"}; \"entropies\" is missing or empty",
                "{\"id\": \"a\", \"entropies\": []}; \"entropies\" is missing or empty",
                "{\"id\": \"a\", \"entropies\": 3}; \"entropies\" is 3: must be an array",
                "{\"id\": \"a\", \"entropies\": null}; \"entropies\" is null: must be an array",
                "{\"id\": \"a\", \"entropies\": [1, \"x\"]}; \"entropies\"[1] is \"x\": must be a number or null",
                "{\"id\": \"a\", \"entropies\": [1, true]}; \"entropies\"[1] is true: must be a number or null",
                "{\"id\": \"a\", \"entropies\": [[1]]}; \"entropies\"[0] is an array: must be a number or null",
                "{\"id\": \"a\", \"entropies\": [1, -0.5]}; token 1: entropy -0.5: must be finite and at least 0",
                "{\"id\": \"a\", \"entropies\": [-1.1e-6]}; token 0: entropy -1.1E-6: must be finite and at least 0",
                "{\"id\": \"a\", \"entropies\": [1e400]}; token 0: entropy Infinity",
                "{\"id\": \"a\", \"entropies\": [-Infinity]}; token 0: entropy -Infinity",
                "{\"id\": \"a\", \"entropies\": [1], \"uppers\": [0.9]}; token 0: upper bound 0.9 of entropy 1.0: must be",
                "{\"id\": \"a\", \"entropies\": [null], \"uppers\": [1]}; which must be measured",
                "{\"id\": \"a\", \"entropies\": [1], \"uppers\": 1}; \"uppers\" is 1: must be an array",
                "{\"id\": \"a\", \"id\": \"b\", \"entropies\": [1]}; not JSON: Duplicate field 'id'",
                "{\"id\": \"a\", \"entropies\": [1], \"x\": {\"y\": 1, \"y\": 2}}; not JSON: Duplicate field 'y'",
                "{\"id\": \"a\", \"entropies\": [1]; not JSON: Unexpected end-of-input (at column 29)",
                "{\"id\": \"a\", \"entropies\": [1], \"logprobs\": [1]}; token 0: logprob 1.0: must be at most 0",
                "{\"id\": \"a\", \"entropies\": [1], \"logprobs\": [1.1e-6]}; token 0: logprob 1.1E-6: must be at most 0",
                "{\"id\": \"a\", \"entropies\": [1], \"logprobs\": []}; \"logprobs\" has 0 numbers: must have as many",
                "{\"id\": \"a\", \"entropies\": [1], \"confidences\": [-1]}; token 0: confidence -1.0",
                "{\"id\": \"a\", \"entropies\": [1], \"confidences\": [400]}; confidence 400.0: must be at least 0 and less",
                "{\"id\": \"a\", \"entropies\": [1], \"confidences\": [1, 2]}; \"confidences\" has 2 numbers",
                "{\"id\": \"a\", \"entropies\": [1], \"correct\": 1}; \"correct\" is 1: must be true or false",
                "{\"id\": \"a\", \"entropies\": [1], \"correct\": \"true\"}; \"correct\" is \"true\": must be true or false",
                "{\"id\": \"a\", \"entropies\": [1]} {}; not JSON: something stands behind the object (at column 31)"
            })
    void aBadLineIsNamedAndTheOthersAreStillScored(String bad, String reason) throws IOException {
        assertThat(score(EXAMPLE + "\n \t\r\n" + bad + "\n" + EXAMPLE)).isEqualTo(1);
        assertThat(run.err()).startsWith("line 3: ").contains(reason).hasLineCount(1);
        assertThat(run.out()).hasLineCount(2);
    }

    static Stream<Arguments> badBytes() {
        return Stream.of(
                Arguments.of(
                        "a byte that begins nothing",
                        bytes("{\"id\": \"", 0xff, "\", \"entropies\": [1]}"),
                        "byte 0xff (at column 9)"),
                Arguments.of(
                        "half a character",
                        bytes("{\"id\": \"", 0xc3, "\", \"entropies\": [1]}"),
                        "not UTF-8: byte 0xc3"),
                Arguments.of(
                        "a bad byte where nobody looks",
                        bytes("{\"id\": 1, \"entropies\": [1], \"x\": \"", 0x80, "\"}"),
                        "not UTF-8: byte 0x80"),
                Arguments.of(
                        "an overlong slash",
                        bytes("{\"id\": \"", 0xc0, 0xaf, "\", \"entropies\": [1]}"),
                        "not UTF-8: byte 0xc0"),
                Arguments.of(
                        "a surrogate",
                        bytes("{\"id\": \"", 0xed, 0xa0, 0x80, "\", \"entropies\": [1]}"),
                        "not UTF-8: byte 0xed"),
                Arguments.of(
                        "a zero in front",
                        bytes(0, "{\"id\": 1, \"entropies\": [1]}"),
                        "not JSON: byte 0x00 (at column 1)"),
                Arguments.of(
                        "a zero behind the brace",
                        bytes("{", 0, "\"id\": 1, \"entropies\": [1]}"),
                        "not JSON: byte 0x00 (at column 2)"),
                Arguments.of("a zero in the middle", bytes("{\"id\": 1, \"entropies\": [1", 0, "]}"), "not JSON: "),
                Arguments.of("a control character", bytes("{\"id\": \"", 7, "\", \"entropies\": [1]}"), "not JSON: "));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badBytes")
    void aBadByteCostsItsLineAlone(String what, byte[] bad, String reason) throws IOException {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        for (byte[] line : List.of(bytes(EXAMPLE), bad, bytes(EXAMPLE))) {
            input.write(line);
            input.write('\n');
        }
        Path file = Files.write(folder.resolve("input.jsonl"), input.toByteArray());
        assertThat(run.execute("score", file.toString())).isEqualTo(1);
        assertThat(run.err()).startsWith("line 2: ").contains(reason).hasLineCount(1);
        assertThat(run.out()).hasLineCount(2);
    }

    /** Text, and numbers of single bytes. */
    private static byte[] bytes(Object... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Object part : parts) {
            if (part instanceof Integer value) {
                bytes.write(value);
            } else {
                bytes.writeBytes(part.toString().getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void nestingBeyondWhatIsReadCostsItsLineAlone() throws IOException {
        String deep = "{\"id\": 1, \"entropies\": [1], \"x\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        assertThat(score(deep + "\n" + EXAMPLE)).isEqualTo(1);
        assertThat(run.err())
                .startsWith("line 1: not JSON: Document nesting depth (1001) exceeds the maximum allowed (1000)")
                .hasLineCount(1)
                .hasSizeLessThan(200);
        assertThat(run.out()).hasLineCount(1);
    }

    @Test
    void aNumberOfAThousandDigitsAndMoreCostsItsLineAlone() throws IOException {
        String digits = "1".repeat(1001);
        assertThat(score("{\"id\": 1, \"entropies\": [0." + digits + "]}\n" + EXAMPLE))
                .isEqualTo(1);
        assertThat(run.err())
                .startsWith("line 1: not JSON: Number value length")
                .hasLineCount(1)
                .hasSizeLessThan(200);
        assertThat(run.out()).hasLineCount(1);
    }

    /** As many tokens as fit into 50 MB. */
    @Test
    void aLineOf50MegabytesIsScored() throws IOException {
        String fifty = "{\"id\": 1, \"entropies\": [" + "0.5000000,".repeat(5_000_000) + "2.5]}";
        assertThat(score(fifty + "\n" + EXAMPLE)).isZero();
        List<String> lines = run.out().lines().toList();
        JsonNode line = MAPPER.readTree(lines.get(0));
        assertThat(line.path("tokens").intValue()).isEqualTo(5_000_001);
        assertThat(line.at("/signals/rebound").doubleValue()).isEqualTo(1);
        assertThat(line.at("/signals/sequence_entropy").doubleValue()).isEqualTo(2_500_002.5);
        assertThat(lines).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                // What is next to a bound, and what stands for nothing.
                "\"entropies\": [-1e-6, -0.0, 3]; {\"mean_entropy\": 1, \"sequence_entropy\": 3}; 3",
                "\"entropies\": [null, NaN, 3]; {\"mean_entropy\": 3, \"sequence_entropy\": 3}; 1",
                "\"entropies\": [null]; {\"mean_entropy\": null, \"edis\": null, \"burst\": null}; 0",
                "\"entropies\": [1], \"logprobs\": [-100]; {\"perplexity\": null}; 1",
                "\"entropies\": [1], \"logprobs\": [-1000]; {\"perplexity\": null}; 1",
                "\"entropies\": [1], \"logprobs\": [-1e400]; {\"perplexity\": null}; 1",
                "\"entropies\": [1], \"logprobs\": [-3.4028234663852886e38]; {\"perplexity\": null}; 1",
                "\"entropies\": [1], \"logprobs\": [-Infinity]; {\"perplexity\": null}; 1",
                "\"entropies\": [1], \"logprobs\": [NaN]; {\"perplexity\": null}; 1",
                // exp(99.999)
                "\"entropies\": [1], \"logprobs\": [-99.999]; {\"perplexity\": 2.68543036828497e43}; 1",
                "\"entropies\": [1], \"logprobs\": [1e-6]; {\"perplexity\": 1}; 1",
                "\"entropies\": [1], \"logprobs\": null; {\"perplexity\": null, \"mean_entropy\": 1}; 1",
                "\"entropies\": [1, null], \"logprobs\": [0, null]; {\"perplexity\": 1}; 1",
                "\"entropies\": [1, null], \"logprobs\": [0, -0.0]; {\"perplexity\": 1}; 1",
                "\"entropies\": [1], \"confidences\": [399.99]; {\"token_confidence\": 399.99}; 1",
                "\"entropies\": [1], \"confidences\": [-1e-6]; {\"token_confidence\": 0}; 1",
                "\"entropies\": [1, 1, 1], \"confidences\": [2, null, NaN]; {\"token_confidence\": 2, \"tail_confidence\": 2}; 3",
                "\"entropies\": [1, 2, 3], \"uppers\": [1.5, null, 4.5]; {\"entropy_gap\": 1}; 3",
                "\"entropies\": [1], \"uppers\": [0.9999995]; {\"entropy_gap\": 0}; 1",
                "\"entropies\": [1], \"uppers\": null; {\"entropy_gap\": null}; 1",
                // Larger than all numbers together: what is not finite is absent, the counts stand.
                "\"entropies\": [1e308, 0, 1e308]; {\"sequence_entropy\": null, \"edis\": null, \"rebound\": 1}; 3",
                "\"entropies\": [12345678901234567890]; {\"mean_entropy\": 12345678901234567890}; 1",
                "\"entropies\": [1E2, 5e-1]; {\"sequence_entropy\": 100.5}; 2"
            })
    void valuesStandForWhatTheyAre(String fields, String signals, int measured) throws IOException {
        assertThat(score("{\"id\": 1, " + fields + "}")).as(run.toString()).isZero();
        JsonNode line = MAPPER.readTree(run.out());
        assertThat(line.path("measured").intValue()).isEqualTo(measured);
        MAPPER.readTree(signals).properties().forEach(expected -> {
            JsonNode scored = line.path("signals").path(expected.getKey());
            if (expected.getValue().isNull()) {
                assertThat(scored.isMissingNode()).as(expected.getKey()).isTrue();
            } else {
                double value = expected.getValue().doubleValue();
                assertThat(scored.doubleValue()).as(expected.getKey()).isCloseTo(value, withinPercentage(1e-9));
            }
        });
    }

    @Test
    void nothingOfALineIsLeftForTheNext() throws IOException {
        String next = "{\"id\": 2, \"entropies\": [1]}";
        score(next, "--keep");
        String alone = run.out();

        score(
                "{\"id\": 1, \"entropies\": [1, 2], \"uppers\": [2, 3], \"logprobs\": [0, 0], \"confidences\": [2, 2],"
                        + " \"correct\": true, \"x\": 1}\n" + next
                        // And nothing of a bad one.
                        + "\n{\"id\": 1, \"x\": 1, \"uppers\": [2, 3], \"entropies\": [1, -1]}\n" + next,
                "--keep");

        assertThat(run.out()).startsWith(alone).endsWith(alone + alone).hasLineCount(4);
    }

    private int score(String input, String... options) throws IOException {
        Path file = Files.writeString(folder.resolve("input.jsonl"), input);
        List<String> arguments = new ArrayList<>(List.of("score"));
        arguments.addAll(List.of(options));
        arguments.add(file.toString());
        return run.execute(arguments.toArray(String[]::new));
    }
}
