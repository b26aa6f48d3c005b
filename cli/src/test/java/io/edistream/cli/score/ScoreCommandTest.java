package io.edistream.cli.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.edistream.cli.CommandRun;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    @ValueSource(strings = {"", "\n", "\r\n", "\ufeff", "\ufeff\n", "  \n\t\n"})
    void emptyInputHasNoScores(String input) throws IOException {
        assertThat(score(input)).isZero();
        assertThat(run.toString()).isEmpty();
    }

    @Test
    void linesMayEndAsOnWindowsAndTheLastOneNotAtAll() throws IOException {
        assertThat(score(EXAMPLE + "\r\n\r\n" + EXAMPLE + "\r\n" + EXAMPLE))
                .as(run.toString())
                .isZero();
        assertThat(run.out()).hasLineCount(3);
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

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--window=0; burst window 0: must be 1 to 64",
                "--window=65; burst window 65: must be 1 to 64",
                "--window=x; Invalid value for option '--window'",
                "--burst-threshold=-1; burst threshold -1.0: must be finite and at least 0",
                "--rebound-threshold=NaN; rebound threshold NaN",
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
    void severalFilesAreReadInTheirOrderAndNamedWithTheirLines() throws IOException {
        Path first = Files.writeString(folder.resolve("first.jsonl"), "{\"id\": 1, \"entropies\": [1]}\nx\n");
        Path packed = packed("second.gz", "\n{\"id\": 2, \"entropies\": [1]}\ny\n");
        Path third = Files.writeString(folder.resolve("third"), "{\"id\": 3, \"entropies\": [1]}");
        assertThat(run.execute("score", first.toString(), packed.toString(), third.toString()))
                .isEqualTo(1);
        assertThat(run.out().lines().map(line -> line.substring(0, 8)))
                .containsExactly("{\"id\":1,", "{\"id\":2,", "{\"id\":3,");
        assertThat(run.err().lines())
                .satisfiesExactly(line -> assertThat(line).startsWith(first + ":2: not JSON"), line -> assertThat(line)
                        .startsWith(packed + ":3: not JSON"));
    }

    @Test
    void aFileThatIsNoTextIsNamedAndTheOthersAreScored() throws IOException {
        Path wide = Files.write(folder.resolve("wide"), EXAMPLE.getBytes(StandardCharsets.UTF_16));
        Path broken = Files.write(folder.resolve("broken"), new byte[] {0x1f, (byte) 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9});
        Path good = Files.writeString(folder.resolve("good"), EXAMPLE);
        assertThat(run.execute("score", wide.toString(), broken.toString(), good.toString()))
                .isEqualTo(1);
        assertThat(run.err().lines())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo(wide + ": looks like UTF-16 or UTF-32: must be UTF-8"),
                        line -> assertThat(line).startsWith(broken + ": is no gzip file though it begins like one: "));
        assertThat(run.out()).hasLineCount(1);
    }

    @Test
    void ofAFileThatIsCutOffTheLinesBeforeAreScored() throws IOException {
        // Numbers that do not pack well, so that the cut falls far behind the first lines.
        Random random = new Random(1);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            text.append("{\"id\": ")
                    .append(i)
                    .append(", \"entropies\": [")
                    .append(random.nextDouble())
                    .append("]}\n");
        }
        byte[] whole = Files.readAllBytes(packed("whole", text.toString()));
        Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, whole.length / 2));
        Path good = Files.writeString(folder.resolve("good"), EXAMPLE);

        assertThat(run.execute("score", cut.toString(), good.toString())).isEqualTo(1);

        List<String> scored = run.out().lines().toList();
        assertThat(scored).hasSizeBetween(100, 900);
        for (int i = 0; i < scored.size() - 1; i++) {
            assertThat(scored.get(i)).startsWith("{\"id\":" + i + ",");
        }
        assertThat(scored.get(scored.size() - 1)).startsWith("{\"id\":\"example\",");
        assertThat(run.err())
                .isEqualTo(cut + ": cannot be read behind line " + (scored.size() - 1)
                        + ": Unexpected end of ZLIB input stream; what could be read was scored\n");
    }

    private Path packed(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    @Test
    void standardInputIsReadIfItIsNamedOrNothingIs() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), EXAMPLE);
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream((EXAMPLE + "\nx\n").getBytes(StandardCharsets.UTF_8)));
            assertThat(run.execute("score")).isEqualTo(1);
            assertThat(run.out()).hasLineCount(1);
            System.setIn(new ByteArrayInputStream((EXAMPLE + "\nx\n").getBytes(StandardCharsets.UTF_8)));
            assertThat(run.execute("score", file.toString(), "-")).isEqualTo(1);
            assertThat(run.out()).hasLineCount(3);
        } finally {
            System.setIn(before);
        }
        assertThat(run.err().lines())
                .satisfiesExactly(line -> assertThat(line).startsWith("line 2: not JSON"), line -> assertThat(line)
                        .startsWith("standard input:2: not JSON"));
    }

    @Test
    void scoresThatNobodyTakesEndTheWork() throws IOException {
        Path file = Files.writeString(folder.resolve("input.jsonl"), (EXAMPLE + "\n").repeat(3));
        assertThat(run.executeWithoutOutput("score", file.toString())).isEqualTo(1);
        assertThat(run.err()).contains("edistream: standard output takes no more");
    }

    @Test
    void aFileThatCannotBeReadIsNamedBeforeAnythingIsScored() throws IOException {
        Path good = Files.writeString(folder.resolve("good"), EXAMPLE);
        assertThat(run.execute(
                        "score", good.toString(), folder.resolve("absent").toString()))
                .isEqualTo(2);
        assertThat(run.execute("score", good.toString(), folder.toString())).isEqualTo(2);
        assertThat(run.err()).contains("no file").contains("is a directory");
        assertThat(run.out()).isEmpty();
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
