package io.edistream.cli.gateway;

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
class GatewayCommandTest {

    @TempDir
    private Path folder;

    private final CommandRun run = new CommandRun();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gateway | edistream: --config FILE is missing; docs/gateway.md shows one",
                "gateway check | edistream: --config FILE is missing; docs/gateway.md shows one",
                "gateway --config none.yaml | edistream: --config none.yaml: cannot be read: there is no such file",
                "gateway check --config none.yaml | edistream: --config none.yaml: cannot be read: there is no such file",
                "gateway chekc | edistream: Unmatched argument at index 1: 'chekc'",
            })
    void whatIsWrongIsSaid(String arguments, String message) {
        assertThat(run.execute(arguments.split(" "))).isEqualTo(2);
        assertThat(run.err()).startsWith(message);
    }

    @Test
    void aPlaceThatIsTakenIsSaid() throws Exception {
        Path config = folder.resolve("gateway.yaml");
        Files.writeString(
                config, "listen: 192.0.2.1:8100\nupstreams: [{name: a, url: 'http://127.0.0.1:1', kind: generic}]\n");
        assertThat(run.execute("gateway", "--config", config.toString(), "--bootstrap-servers", "127.0.0.1:1"))
                .isEqualTo(1);
        assertThat(run.err()).contains("edistream: cannot listen on 192.0.2.1:8100: ");
    }

    @Test
    void aCheckSaysWhichUpstreamIsWrongAndFails() throws Exception {
        Path config = folder.resolve("gateway.yaml");
        Files.writeString(config, "upstreams: [{name: a, url: 'http://127.0.0.1:1/v1', kind: vllm}]\n");
        assertThat(run.execute("gateway", "check", "--config", config.toString()))
                .isEqualTo(1);
        assertThat(run.out())
                .startsWith("a: vllm at http://127.0.0.1:1\n  reached     WRONG: no: ")
                .contains("127.0.0.1:1");
    }
}
