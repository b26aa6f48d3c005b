package io.edistream.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.CommandRun;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ServeCommandTest {

    @TempDir
    private Path folder;

    private final CommandRun run = new CommandRun();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--config none.yaml | --config none.yaml: cannot be read: there is no such file",
                "--queue 0 | maximum of waiting requests must be at least 1, not 0",
                "--max-new-tokens 0 | maximum of new tokens must be at least 1, not 0",
                "--model nowhere | no model in nowhere: model.pt is missing",
                "--model a --route default=b | --model and --route default=DIR name the same route",
            })
    void whatIsWrongIsSaid(String arguments, String message) {
        assertThat(run.execute(("serve --bootstrap-servers localhost:1 " + arguments).split(" ")))
                .isEqualTo(2);
        assertThat(run.err()).contains(message);
    }

    @Test
    void upstreamsAreOfTheGateway() throws Exception {
        Path config = folder.resolve("serve.yaml");
        Files.writeString(config, "upstreams: [{name: a, url: 'http://127.0.0.1:1', kind: vllm}]\n");
        assertThat(run.execute("serve", "--bootstrap-servers=localhost:1", "--config=" + config))
                .isEqualTo(2);
        assertThat(run.err()).contains("upstreams and routes have no place here");
    }
}
