package io.edistream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;

class MemoryCheckpointsTest {

    private static final String STORAGE = "execution.checkpointing.storage";
    private static final String DIRECTORY = "execution.checkpointing.dir";

    @Test
    void aJobWithoutAnyDirectoryWarnsOfTheLimitAndNamesTheOption() {
        assertThat(warningOf(new Configuration())).contains("5 MiB", "--checkpoint-dir", DIRECTORY);
    }

    @Test
    void theOptionIsEnough() {
        assertThat(warningOf(new Configuration(), "--checkpoint-dir", "file:///checkpoints"))
                .isEmpty();
    }

    @Test
    void theOptionGoesBeforeAClusterThatStoresInMemory() {
        Configuration cluster = new Configuration();
        cluster.setString(STORAGE, "jobmanager");

        assertThat(warningOf(cluster, "--checkpoint-dir", "file:///checkpoints"))
                .isEmpty();
    }

    @Test
    void theClustersDirectoryIsEnoughAndIsKept() {
        Configuration cluster = new Configuration();
        cluster.setString(DIRECTORY, "file:///of-the-cluster");
        StreamExecutionEnvironment environment = defined(cluster);

        assertThat(MemoryCheckpoints.warning(environment.getConfiguration())).isEmpty();
        assertThat(environment.getConfiguration().toString()).contains("file:///of-the-cluster");
    }

    @Test
    void aStorageOfTheClustersOwnIsNobodyElsesBusiness() {
        Configuration cluster = new Configuration();
        cluster.setString(STORAGE, "com.example.StorageFactory");

        assertThat(warningOf(cluster)).isEmpty();
    }

    /** With memory as the storage a directory only takes what leads to the state. */
    @Test
    void memoryByNameWarnsWhateverTheDirectory() {
        Configuration cluster = new Configuration();
        cluster.setString(STORAGE, "jobmanager");
        cluster.setString(DIRECTORY, "file:///of-the-cluster");

        assertThat(warningOf(cluster)).contains("5 MiB");
    }

    private static String warningOf(Configuration cluster, String... options) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        EdistreamJob.warn(defined(cluster, options), new PrintStream(err, true, StandardCharsets.UTF_8));
        return err.toString(StandardCharsets.UTF_8);
    }

    private static StreamExecutionEnvironment defined(Configuration cluster, String... options) {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(cluster);
        EdistreamJob.define(environment, EdistreamJobTest.parse(options));
        return environment;
    }
}
