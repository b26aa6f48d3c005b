package io.edistream.cli.topics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.cli.CommandRun;
import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedJob;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.jobs.KafkaOptions;
import io.edistream.schemas.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A batch of three that no client can read, since its bytes changed on the broker's disk: ten good records before it, two
 * behind it.
 */
@Timeout(180)
class SkipITCase {

    /** Brokers of other tests on this machine have no topic of this name. */
    private static final Topics TOPICS =
            new Topics("skip" + ProcessHandle.current().pid() + ".");

    private static final TopicPartition TOKENS = new TopicPartition(TOPICS.tokenEntropy(), 0);
    private static final Queue<String> READ = new ConcurrentLinkedQueue<>();
    private static final List<String> BEFORE = List.of("a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9");

    private final CommandRun run = new CommandRun();
    private EmbeddedKafka kafka;

    @BeforeEach
    void start() throws Exception {
        READ.clear();
        kafka = EmbeddedKafka.start();
        kafka.createTopics(TOPICS, 1);
        send(BEFORE);
    }

    @AfterEach
    void stop() {
        kafka.close();
    }

    @Test
    void aJobThatRestartsFromItsCheckpointGoesOnBehindTheBatchAndLosesNothingElse() throws Exception {
        Configuration often = new Configuration();
        often.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        often.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, Integer.MAX_VALUE);
        often.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(100));
        try (EmbeddedFlink flink = EmbeddedFlink.start(1, often)) {
            EmbeddedJob job = flink.submit(reader(flink), "reader").awaitRunning();
            await(() -> committed() == 10);

            damage();
            await(() -> job.failure().orElse("").contains("is invalid, cause: Record is corrupt"));

            assertThat(skip(11)).as(run.err()).isZero();
            assertThat(run.out())
                    .isEqualTo(
                            "deleted the records of " + TOKENS + " up to 12, the end of the batch that held 11: at most"
                                    + " 3 that no checkpoint covered; the job goes on at 13 with its next restart\n");

            await(() -> READ.contains("c1"));
            assertThat(READ)
                    .containsExactlyElementsOf(Stream.concat(BEFORE.stream(), Stream.of("c0", "c1"))
                            .toList());
            await(() -> committed() == 15);
        }
    }

    /** Why the whole batch must go: the broker gives it out as long as one of its records is kept. */
    @Test
    void deletingTheRecordAloneDoesNotHelp() throws Exception {
        damage();
        try (Admin admin = admin();
                KafkaConsumer<String, String> consumer = consumer()) {
            admin.deleteRecords(Map.of(TOKENS, RecordsToDelete.beforeOffset(11)))
                    .all()
                    .get();
            consumer.seek(TOKENS, 11);
            assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(30))).isInstanceOf(KafkaException.class);

            assertThat(skip(11, "--max-lost=2")).as(run.err()).isZero();
            // Where a job stands whose checkpoint is from before: an offset that is gone.
            consumer.seek(TOKENS, 9);
            List<String> values = new ArrayList<>();
            while (values.size() < 2) {
                consumer.poll(Duration.ofSeconds(1)).forEach(record -> values.add(record.value()));
            }
            assertThat(values).containsExactly("c0", "c1");
        }
    }

    @Test
    void moreThanIsAllowedIsNotLost() throws Exception {
        damage();

        assertThat(skip(10, "--max-lost=12")).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo("edistream: up to 12, the end of the batch that holds 10, " + TOKENS
                        + " has 13 records that no checkpoint is known to cover (group edistream-jobs committed nothing,"
                        + " so that all count), more than --max-lost 12; nothing was deleted\n");
        commit(4);
        CommandRun closer = new CommandRun();
        assertThat(skip(closer, 10, "--max-lost=8")).isEqualTo(1);
        assertThat(closer.err()).contains("has 9 records", "(group edistream-jobs committed offset 4)");
        // A group that is past the record says nothing of a job that fails at it.
        commit(13);
        CommandRun ahead = new CommandRun();
        assertThat(skip(ahead, 10, "--max-lost=12")).isEqualTo(1);
        assertThat(ahead.err()).contains("has 13 records");
        CommandRun other = new CommandRun();
        assertThat(skip(other, 10, "--max-lost=13", "--group-id=other")).isZero();
        assertThat(first()).isEqualTo(13);

        CommandRun again = new CommandRun();
        assertThat(skip(again, 10)).isZero();
        assertThat(again.out()).isEqualTo("record 10 of " + TOKENS + " is gone already: the first one is 13\n");
    }

    @Test
    void whatIsWrongIsASentence() throws Exception {
        assertRefused(2, "OFFSET 10: " + TOKENS + " has 0 to 9", TOKENS.topic(), "0", "10");
        assertRefused(
                2,
                "OFFSET 0: " + TOPICS.control() + "-0 is empty; its next record will be 0",
                TOPICS.control(),
                "0",
                "0");
        assertRefused(2, "PARTITION 1: " + TOKENS.topic() + " has 0 to 0", TOKENS.topic(), "1", "0");
        assertRefused(2, "TOPIC 'token-entropy': there is none of this name", "token-entropy", "0", "0");
        assertRefused(2, "must be at least 0, 0 and 1", TOKENS.topic(), "0", "0", "--max-lost=0");
        assertRefused(2, "Missing required parameter: 'OFFSET'", TOKENS.topic(), "0");
        kafka.stopBroker();
        assertRefused(1, "Kafka at " + kafka.bootstrapServers() + " does not answer: ", TOKENS.topic(), "0", "0");
        assertThat(run.execute("topics", "skip", TOKENS.topic(), "0", "0")).isEqualTo(2);
        kafka.startBroker();
        assertThat(first()).isZero();
    }

    private void assertRefused(int exitCode, String reason, String... arguments) {
        CommandRun refused = new CommandRun();
        List<String> words =
                new ArrayList<>(List.of("topics", "skip", "--bootstrap-servers=" + kafka.bootstrapServers()));
        words.addAll(List.of(arguments));
        assertThat(refused.execute(words.toArray(String[]::new))).as(reason).isEqualTo(exitCode);
        assertThat(refused.err()).startsWith("edistream: ").contains(reason).doesNotContain("\tat ");
    }

    private int skip(long offset, String... more) {
        return skip(run, offset, more);
    }

    private int skip(CommandRun command, long offset, String... more) {
        List<String> words = new ArrayList<>(List.of(
                "topics",
                "skip",
                TOKENS.topic(),
                "0",
                String.valueOf(offset),
                "--bootstrap-servers=" + kafka.bootstrapServers()));
        words.addAll(List.of(more));
        return command.execute(words.toArray(String[]::new));
    }

    /** As the job's source reads: from its checkpoint, else behind the group's commits, else at the first record kept. */
    @SuppressWarnings("deprecation")
    private StreamExecutionEnvironment reader(EmbeddedFlink flink) {
        StreamExecutionEnvironment environment = flink.environment();
        environment.enableCheckpointing(100);
        KafkaSource<String> source = KafkaSource.<String>builder()
                .setBootstrapServers(kafka.bootstrapServers())
                .setTopics(TOKENS.topic())
                .setGroupId(KafkaOptions.DEFAULT_GROUP_ID)
                .setStartingOffsets(OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                .setValueOnlyDeserializer(new SimpleStringSchema())
                .build();
        environment
                .fromSource(source, WatermarkStrategy.noWatermarks(), "tokens")
                .uid("tokens")
                .map(new Collecting())
                .uid("collecting")
                .sinkTo(new DiscardingSink<>())
                .uid("nowhere");
        return environment;
    }

    private static final class Collecting implements MapFunction<String, String> {
        @Override
        public String map(String value) {
            READ.add(value);
            return value;
        }
    }

    /** Appends b0, b1 and b2 as one batch to the partition's file, a bit of it turned over, and c0 and c1 by a producer. */
    private void damage() throws Exception {
        MemoryRecords batch = MemoryRecords.withRecords(
                10L,
                Compression.NONE,
                0,
                new SimpleRecord("b0".getBytes(UTF_8)),
                new SimpleRecord("b1".getBytes(UTF_8)),
                new SimpleRecord("b2".getBytes(UTF_8)));
        ByteBuffer bytes = batch.buffer();
        int inTheLastRecord = bytes.limit() - 3;
        bytes.put(inTheLastRecord, (byte) (bytes.get(inTheLastRecord) ^ 1));
        kafka.stopBroker();
        byte[] stored = new byte[bytes.remaining()];
        bytes.get(stored);
        Files.write(segment(), stored, StandardOpenOption.APPEND);
        kafka.startBroker();
        send(List.of("c0", "c1"));
    }

    private static Path segment() throws IOException {
        try (Stream<Path> brokers = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return brokers.map(broker -> broker.resolve(TOKENS.toString()).resolve("0".repeat(20) + ".log"))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void send(List<String> values) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            for (String value : values) {
                producer.send(new ProducerRecord<>(TOKENS.topic(), value)).get();
            }
        }
    }

    private KafkaConsumer<String, String> consumer() {
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
        consumer.assign(List.of(TOKENS));
        return consumer;
    }

    private long committed() throws Exception {
        try (Admin admin = admin()) {
            OffsetAndMetadata committed = admin.listConsumerGroupOffsets(KafkaOptions.DEFAULT_GROUP_ID)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .get(TOKENS);
            return committed == null ? -1 : committed.offset();
        }
    }

    private void commit(long offset) throws Exception {
        try (Admin admin = admin()) {
            admin.alterConsumerGroupOffsets(
                            KafkaOptions.DEFAULT_GROUP_ID, Map.of(TOKENS, new OffsetAndMetadata(offset)))
                    .all()
                    .get();
        }
    }

    private long first() {
        try (KafkaConsumer<String, String> consumer = consumer()) {
            return consumer.beginningOffsets(List.of(TOKENS)).get(TOKENS);
        }
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        while (!condition.call()) {
            Thread.onSpinWait();
        }
    }
}
