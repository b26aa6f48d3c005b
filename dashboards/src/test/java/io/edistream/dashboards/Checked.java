package io.edistream.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files that are checked in. */
final class Checked {

    static final Path MODULE = Path.of("").toAbsolutePath();
    static final Path BOARDS = MODULE.resolve("grafana");

    private Checked() {}

    static List<Path> boardFiles() {
        try (Stream<Path> files = Files.list(BOARDS)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<JsonNode> boards() {
        ObjectMapper mapper = new ObjectMapper();
        return boardFiles().stream()
                .map(file -> {
                    try {
                        return mapper.readTree(file.toFile());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .toList();
    }

    static String rules() {
        return read(MODULE.resolve("prometheus/edistream-rules.yml"));
    }
}
