package io.edistream.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every version of a schema that was ever released is stored, complete in itself, as a resource: what a source of last
 * year wrote must be readable today. The other direction is held too, so that a reader that is handed both schemas, as
 * readers in other languages are, may stay behind.
 */
class SchemaVersionsTest {

    private static final String STORED = "src/main/resources/io/edistream/schemas/versions/";

    static Set<String> names() {
        return Records.samples().keySet();
    }

    @Test
    void everyTopLevelSchemaHasASample() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/avro"))) {
            Set<String> schemas = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".avsc"))
                    .map(name -> name.substring(0, name.length() - ".avsc".length()))
                    .collect(Collectors.toSet());

            assertThat(names()).containsExactlyInAnyOrderElementsOf(schemas);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void currentSchemaIsTheLatestStoredVersion(String name) {
        Schema current = current(name);
        List<Schema> versions = versions(name);
        int latest = versions.size();
        String stored = latest == 0 ? "" : text(versions.get(latest - 1));

        if (!stored.equals(text(current))) {
            Path candidate = Records.candidate(name + ".avsc", text(current) + "\n");
            String next = "Copy " + candidate + " to " + STORED + name + "/v" + (latest + 1) + ".avsc";
            String over = "opy " + candidate + " over " + STORED + name + "/v" + latest + ".avsc";
            String advice;
            if (latest == 0) {
                advice = next;
            } else if (versions.get(latest - 1).equals(current)) {
                advice = "Only texts differ. C" + over;
            } else {
                advice = next + ". Or, if version " + latest + " was never released, c" + over;
            }
            assertThat(stored).as(advice).isEqualTo(text(current));
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyVersionAndTheCurrentOneCanStandForEachOther(String name) {
        Schema current = current(name);
        for (Schema earlier : versions(name)) {
            assertThat(compatibility(current, earlier)).isEqualTo(SchemaCompatibilityType.COMPATIBLE);
            assertThat(compatibility(earlier, current)).isEqualTo(SchemaCompatibilityType.COMPATIBLE);
        }
    }

    private static SchemaCompatibilityType compatibility(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                .getType();
    }

    private static String text(Schema schema) {
        return SchemaFormatter.format("json/pretty", schema);
    }

    private static Schema current(String name) {
        return Records.sample(name).getSchema();
    }

    private static List<Schema> versions(String name) {
        return RecordCodec.versions(Records.sample(name).getClass());
    }
}
