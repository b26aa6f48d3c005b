package io.edistream.gateway.reading;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;

/** Streams that engines sent, and ways to cut them. */
final class Fixtures {

    static final ObjectMapper MAPPER = new ObjectMapper();
    static final int MAX_EVENT_BYTES = 1 << 20;

    private Fixtures() {}

    /** Made by hand after public bug reports; each has a file of what is expected. */
    static List<String> made() {
        return names("sse");
    }

    /** Recorded. */
    static List<String> captured() {
        return names("captures");
    }

    static List<String> all() {
        return Stream.concat(made().stream(), captured().stream()).toList();
    }

    static byte[] bytes(String name) {
        try {
            return Files.readAllBytes(
                    folder(name.startsWith("g") ? "sse" : "captures").resolve(name + ".sse"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode expected(String name) {
        try {
            return MAPPER.readTree(
                    folder("sse").resolve(name + ".expected.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The pieces of some bytes that come in one go. */
    static List<ServerSentEvent> events(byte[] bytes) {
        return events(bytes, new int[0]);
    }

    /** The pieces of some bytes that come in parts. */
    static List<ServerSentEvent> events(byte[] bytes, int... cuts) {
        return events(MAX_EVENT_BYTES, bytes, cuts);
    }

    static List<ServerSentEvent> events(int maxEventBytes, byte[] bytes, int... cuts) {
        EventReader reader = new EventReader(maxEventBytes);
        List<ServerSentEvent> pieces = new ArrayList<>();
        int from = 0;
        for (int cut : cuts) {
            reader.read(bytes, from, cut, pieces::add);
            from = cut;
        }
        reader.read(bytes, from, bytes.length, pieces::add);
        reader.end(pieces::add);
        return pieces;
    }

    static int[] everywhere(byte[] bytes) {
        int[] cuts = new int[bytes.length];
        for (int i = 0; i < cuts.length; i++) {
            cuts[i] = i;
        }
        return cuts;
    }

    static int[] somewhere(byte[] bytes, Random random) {
        return random.ints(1 + random.nextInt(20), 0, bytes.length + 1).sorted().toArray();
    }

    private static List<String> names(String folder) {
        try (Stream<Path> files = Files.list(folder(folder))) {
            return files.map(path -> path.getFileName().toString())
                    .filter(name -> name.endsWith(".sse"))
                    .map(name -> name.substring(0, name.length() - 4))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path folder(String name) {
        try {
            return Path.of(Objects.requireNonNull(Fixtures.class.getResource("/reading/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
