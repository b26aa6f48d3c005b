package io.edistream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** The jar that a cluster is given. */
class JobJarITCase {

    private static List<String> entries() throws IOException {
        try (JarFile jar = jar()) {
            return jar.stream().map(ZipEntry::getName).toList();
        }
    }

    private static JarFile jar() throws IOException {
        return new JarFile(Objects.requireNonNull(System.getProperty("job.jar")));
    }

    @Test
    void namesItsMainClass() throws IOException {
        try (JarFile jar = jar()) {
            assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class"))
                    .isEqualTo(EdistreamJob.class.getName());
        }
    }

    @Test
    void holdsWhatAClusterDoesNotHave() throws IOException {
        assertThat(entries())
                .contains(
                        "io/edistream/jobs/EdistreamJob.class",
                        "io/edistream/schemas/RecordCodec.class",
                        "io/edistream/signals/Catalogue.class",
                        "org/apache/avro/Schema.class",
                        "org/apache/kafka/clients/consumer/KafkaConsumer.class",
                        "org/apache/flink/connector/kafka/source/KafkaSource.class",
                        "picocli/CommandLine.class");
    }

    /** A second copy of Flink's own classes would be loaded before the cluster's and not be the same. */
    @Test
    void holdsNothingThatAClusterHas() throws IOException {
        assertThat(entries())
                .noneMatch(name -> name.startsWith("org/apache/flink/runtime/"))
                .noneMatch(name -> name.startsWith("org/apache/flink/streaming/api/"))
                .noneMatch(name -> name.startsWith("org/apache/flink/api/"))
                .noneMatch(name -> name.startsWith("org/apache/flink/connector/base/"))
                .noneMatch(name -> name.startsWith("org/slf4j/"))
                .noneMatch(name -> name.startsWith("org/apache/logging/"));
    }
}
