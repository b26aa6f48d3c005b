package io.edistream.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.edistream.schemas.RecordLimits;
import io.edistream.schemas.Topics;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.MemoryRecords;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/** Small records that expand to what no heap holds: what a broker with our topics does with them, and a reader of ours. */
@Timeout(180)
class BombsITCase {

    private static final Topics TOPICS = new Topics("bombs.");

    /** What a broker may need besides for a request of a megabyte. */
    private static final long FEW_BYTES = 24L << 20;

    private static EmbeddedKafka kafka;

    @BeforeAll
    static void start() {
        kafka = EmbeddedKafka.start();
        kafka.createTopics(TOPICS, 1);
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    @Test
    void oneRecordOf600MegabytesIsRefusedWithoutBeingExpanded(TestReporter reporter) {
        MemoryRecords bomb = CompressedZeros.batch(1, 600_000_000);
        assertThat(bomb.sizeInBytes()).isLessThan(1 << 20);

        for (String topic : TOPICS.required()) {
            long before = allocatedByRequestHandlers();
            long start = System.nanoTime();

            assertThat(RawProducer.send(kafka, topic, bomb)).as(topic).isEqualTo(Errors.INVALID_RECORD);

            long allocated = allocatedByRequestHandlers() - before;
            reporter.publishEntry(
                    topic, allocated + " bytes allocated, " + (System.nanoTime() - start) / 1_000_000 + " ms");
            assertThat(allocated).as(topic).isLessThan(FEW_BYTES);
        }
    }

    /** So that the test above cannot pass for another reason. */
    @Test
    void withoutTheSettingItIsTaken() throws Exception {
        Topics open = new Topics("open.");
        kafka.createTopics(open, 1);
        forget(open.control(), RecordLimits.SETTING);

        assertThat(RawProducer.send(kafka, open.control(), CompressedZeros.batch(1, 20_000_000)))
                .isEqualTo(Errors.NONE);
    }

    /** Beside a value of this size stand eight bytes: three of its length, one each for five other things. */
    @Test
    void theLimitIsThatOfTheWholeRecord() {
        String topic = TOPICS.rejected();
        int largest = RecordLimits.MAX_RECORD_BYTES - 8;
        assertThat(RawProducer.send(kafka, topic, CompressedZeros.batch(1, largest)))
                .isEqualTo(Errors.NONE);
        assertThat(RawProducer.send(kafka, topic, CompressedZeros.batch(1, largest + 1)))
                .isEqualTo(Errors.INVALID_RECORD);
    }

    /** 1.5 GB of records that pass one by one: a reader with 96 MB gets through, 20 at a time. With 500 it does not. */
    @Test
    void aBatchOfManyRecordsIsReadAFewAtATime() throws IOException, InterruptedException {
        MemoryRecords batch = CompressedZeros.batch(1_500, 1_000_000);
        assertThat(batch.sizeInBytes()).isLessThan(300_000);
        assertThat(RawProducer.send(kafka, TOPICS.tokenEntropy(), batch)).isEqualTo(Errors.NONE);

        assertThat(read(TOPICS.tokenEntropy(), RecordLimits.MAX_POLL_RECORDS)).contains("1500 records");
        assertThat(read(TOPICS.tokenEntropy(), 500))
                .contains("OutOfMemoryError")
                .doesNotContain("1500 records");
    }

    private static String read(String topic, int maxPollRecords) throws IOException, InterruptedException {
        Process reader = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx96m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CountRecords.class.getName(),
                        kafka.bootstrapServers(),
                        topic,
                        String.valueOf(maxPollRecords))
                .redirectErrorStream(true)
                .start();
        String output = new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        reader.waitFor();
        return output;
    }

    private static void forget(String topic, String setting) throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()))) {
            admin.incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.TOPIC, topic),
                            List.of(new AlterConfigOp(new ConfigEntry(setting, ""), AlterConfigOp.OpType.DELETE))))
                    .all()
                    .get();
        }
    }

    /** What the broker's threads that check and store batches have allocated since they began. */
    private static long allocatedByRequestHandlers() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long[] handlers = Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(info -> info != null && info.getThreadName().contains("request-handler"))
                .mapToLong(info -> info.getThreadId())
                .toArray();
        assertThat(handlers).isNotEmpty();
        return LongStream.of(threads.getThreadAllocatedBytes(handlers)).sum();
    }
}
