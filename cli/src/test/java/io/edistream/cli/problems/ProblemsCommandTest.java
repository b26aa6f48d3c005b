package io.edistream.cli.problems;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.edistream.cli.CommandRun;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProblemsCommandTest {

    private final CommandRun run = new CommandRun();

    @Test
    void printsOneProblemPerLine() throws IOException {
        assertThat(run.execute("problems", "--problems=3", "--seed=5", "--models=../models"))
                .isZero();
        assertThat(run.out().lines()).hasSize(3);
        JsonNode first = new JsonMapper().readTree(run.out().lines().findFirst().orElseThrow());
        assertThat(first.path("id").textValue()).isEqualTo("1");
        assertThat(first.path("prompt").textValue()).endsWith("?");
        assertThat(first.path("answer").textValue()).matches("\\d+");
    }

    @Test
    void equalSeedsPrintEqualProblems() {
        CommandRun again = new CommandRun();
        CommandRun other = new CommandRun();
        run.execute("problems", "--seed=5", "--models=../models");
        again.execute("problems", "--seed=5", "--models=../models");
        other.execute("problems", "--seed=6", "--models=../models");
        assertThat(again.out()).isEqualTo(run.out()).isNotEqualTo(other.out());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--problems=0; --problems 0: must be 1 to 1000000",
                "--problems=1000001; must be 1 to 1000000",
                "--models=absent; problem templates cannot be read"
            })
    void aWrongOptionIsRefused(String wrong, String reason) {
        assertThat(run.execute("problems", wrong)).isEqualTo(2);
        assertThat(run.err()).contains(reason);
        assertThat(run.out()).isEmpty();
    }
}
