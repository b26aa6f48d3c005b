package io.edistream.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
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
                "lengths",
                "signals",
                "score"
            })
    void printsATable(String benchmark) {
        StringWriter printed = new StringWriter();
        CommandLine commandLine = Benchmarks.commandLine().setOut(new PrintWriter(printed));

        int exitCode = commandLine.execute(benchmark, "--quick", "--models", "../models");

        assertThat(exitCode).isZero();
        List<String> lines = printed.toString().lines().toList();
        assertThat(lines)
                .contains(
                        "### " + benchmark + " (tiny sizes: the numbers mean nothing)",
                        "| measure | value | target | met | spread |");
        assertThat(lines.get(lines.size() - 1)).matches("\\| .*\\d.* \\|.*\\|.*\\|.*\\|");
    }
}
