package io.edistream.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Every benchmark runs from end to end and prints its table; what it measures at this size means nothing. */
class BenchmarksITCase {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "drain",
                "wire",
                "latency",
                "onlookers",
                "state",
                "snapshot",
                "replay",
                "million",
                "publishing",
                "reaction",
                "lengths",
                "signals",
                "score",
                "gateway",
                "gateway-streams",
                "gateway-reroute",
                "gateway-soak"
            })
    void printsATable(String benchmark) {
        assertPrintsATable(benchmark);
    }

    /** Eight samples of each problem, of three answers. */
    @Test
    void savingsOfWavesAreComputedFromAFolder(@TempDir Path folder) throws IOException {
        Random random = new Random(1);
        try (PrintStream out = new PrintStream(
                new GZIPOutputStream(Files.newOutputStream(folder.resolve("smollm2_fewshot_t08.jsonl.gz"))),
                false,
                StandardCharsets.UTF_8)) {
            for (int i = 0; i < 80; i++) {
                int answer = random.nextInt(3);
                out.printf(
                        "{\"prompt_id\":\"%d\",\"label\":%b,\"answer_class\":%d,\"entropies\":[0.5]}%n",
                        i / 8, answer == 0, answer);
            }
        }
        assertPrintsATable("waves", "--traces", folder.toString());
    }

    @Test
    void decodingPrintsATable() {
        assertPrintsATable("decoding", "--model", "../models/reasoner-s");
    }

    @Test
    void aFolderWithoutRecordedSamplesIsRefused(@TempDir Path folder) {
        StringWriter printed = new StringWriter();
        CommandLine commandLine = Benchmarks.commandLine().setErr(new PrintWriter(printed));

        assertThat(commandLine.execute("waves", "--traces", folder.toString())).isEqualTo(2);
        assertThat(printed.toString()).contains("must be a folder with a file").doesNotContain("Exception");
    }

    private static void assertPrintsATable(String benchmark, String... options) {
        StringWriter printed = new StringWriter();
        CommandLine commandLine = Benchmarks.commandLine().setOut(new PrintWriter(printed));

        int exitCode = commandLine.execute(
                Stream.concat(Stream.of(benchmark, "--quick", "--models", "../models"), Stream.of(options))
                        .toArray(String[]::new));

        assertThat(exitCode).isZero();
        List<String> lines = printed.toString().lines().toList();
        assertThat(lines)
                .contains(
                        "### " + benchmark + " (tiny sizes: the numbers mean nothing)",
                        "| measure | value | target | met | spread |");
        assertThat(lines.get(lines.size() - 1)).matches("\\| .*\\d.* \\|.*\\|.*\\|.*\\|");
    }
}
