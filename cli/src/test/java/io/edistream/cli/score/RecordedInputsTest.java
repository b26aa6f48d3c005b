package io.edistream.cli.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.edistream.cli.CommandRun;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Inputs that public reports say real engines send. Each {@code score/NAME.jsonl} has a {@code NAME.expected.json}: the
 * exit code, and per line of input the scores, those that must be absent, or what the error must name.
 */
class RecordedInputsTest {

    private static final JsonMapper MAPPER = new JsonMapper();
    private static final double ROUNDING = 1e-12;

    static Stream<String> inputs() throws IOException {
        try (Stream<Path> files = Files.list(folder())) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".jsonl"))
                    .map(name -> name.replace(".jsonl", ""))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void isScoredAsExpected(String name) throws IOException {
        JsonNode expected =
                MAPPER.readTree(folder().resolve(name + ".expected.json").toFile());
        List<String> arguments = new ArrayList<>(List.of("score"));
        expected.path("args").forEach(argument -> arguments.add(argument.textValue()));
        arguments.add(folder().resolve(name + ".jsonl").toString());
        CommandRun run = new CommandRun();

        int exitCode = run.execute(arguments.toArray(String[]::new));

        assertThat(exitCode).isEqualTo(expected.path("exit").intValue());
        List<String> scores = new ArrayList<>(run.out().lines().toList());
        List<String> errors = new ArrayList<>(run.err().lines().toList());
        int number = 0;
        for (JsonNode line : expected.path("lines")) {
            number++;
            if (line.has("error")) {
                assertThat(errors.remove(0))
                        .startsWith("line " + number + ": ")
                        .contains(line.path("error").textValue());
            } else {
                assertEqual(MAPPER.readTree(scores.remove(0)), line);
            }
        }
        assertThat(scores).isEmpty();
        assertThat(errors).isEmpty();
    }

    private static void assertEqual(JsonNode scored, JsonNode expected) {
        assertThat(scored.path("id")).isEqualTo(expected.path("id"));
        assertThat(scored.path("tokens")).isEqualTo(expected.path("tokens"));
        if (expected.has("measured")) {
            assertThat(scored.path("measured")).isEqualTo(expected.path("measured"));
        }
        expected.path("signals").properties().forEach(signal -> assertThat(
                        scored.path("signals").path(signal.getKey()).doubleValue())
                .as(signal.getKey())
                .isCloseTo(signal.getValue().doubleValue(), within(ROUNDING)));
        expected.path("absent")
                .forEach(name -> assertThat(scored.path("signals").has(name.textValue()))
                        .as(name.textValue())
                        .isFalse());
    }

    private static Path folder() {
        try {
            return Path.of(Objects.requireNonNull(RecordedInputsTest.class.getResource("/score"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
