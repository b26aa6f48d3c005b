package io.edistream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script that builds at its first use, in a checkout whose build is a script that notices another beside it. */
@Timeout(60)
@EnabledOnOs(OS.LINUX)
class BuildLockTest {

    private static final String BUILD =
            """
            #!/usr/bin/env bash
            [[ ! -e building ]] || { echo beside another >> builds; exit 1; }
            touch building
            echo alone >> builds
            until [[ -e go ]]; do :; done
            rm building
            touch cli/target/edistream-cli.jar
            """;

    @TempDir
    private Path checkout;

    @Test
    void ofSeveralThatAreStartedAtOnceOneBuildsAndTheOthersWaitForIt() throws Exception {
        for (String folder : List.of("schemas", "signals", "generator-service", "flink-jobs", "embedded", "cli")) {
            Files.createDirectories(checkout.resolve(folder));
        }
        Files.createFile(checkout.resolve("pom.xml"));
        Files.copy(Path.of("..", "edistream"), checkout.resolve("edistream"));
        Files.writeString(checkout.resolve("mvnw"), BUILD);
        assertThat(checkout.resolve("mvnw").toFile().setExecutable(true)).isTrue();

        List<Process> started = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            started.add(new ProcessBuilder("bash", "edistream", "--version")
                    .directory(checkout.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(checkout.resolve("out" + i).toFile())
                    .start());
        }
        while (waiting() < 2) {
            Thread.onSpinWait();
        }
        Files.createFile(checkout.resolve("go"));
        for (Process process : started) {
            process.waitFor();
        }
        assertThat(checkout.resolve("builds")).hasContent("alone");
    }

    private int waiting() throws IOException {
        int waiting = 0;
        for (int i = 0; i < 3; i++) {
            if (Files.readString(checkout.resolve("out" + i)).contains("waiting for another build")) {
                waiting++;
            }
        }
        return waiting;
    }
}
