package io.edistream.console.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.console.topics.Beginning;
import io.edistream.console.topics.Onlooker;
import io.edistream.console.topics.TopicLookup;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.http.RegistryScrape;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Mode;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Score;
import io.edistream.schemas.Topics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class ExporterITCase {

    private static final String ENDED = "edistream_sequences_ended_total{model=\"m\",reason=\"length\",route=\"r\"} ";
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private static EmbeddedKafka kafka;
    private static Producer<byte[], byte[]> producer;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final List<String> said = new CopyOnWriteArrayList<>();
    private volatile boolean wanted = true;
    private Thread reader = new Thread();
    private Exporter exporter;

    @BeforeAll
    static void start() {
        kafka = EmbeddedKafka.start();
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "linger.ms", 0),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    @AfterAll
    static void stop() {
        producer.close();
        kafka.close();
    }

    @AfterEach
    void end() throws InterruptedException {
        wanted = false;
        reader.join();
    }

    private void export(Topics topics, Beginning beginning) {
        LoopMetrics metrics = new LoopMetrics(registry, topics, System::nanoTime);
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
        Consumer<byte[], byte[]> consumer = Onlooker.consumer(kafka.bootstrapServers(), Map.of());
        TopicLookup lookup = new TopicLookup(admin, LoopMetrics.read(topics));
        exporter = new Exporter(consumer, lookup, topics, beginning, metrics, said::add, System::nanoTime);
        reader = new Thread(() -> {
            try (admin;
                    consumer) {
                exporter.run(() -> wanted);
            }
        });
        reader.start();
    }

    private boolean shows(String line) {
        RegistryScrape scrape = new RegistryScrape(registry);
        String page = new String(scrape.render(scrape.format(null)), StandardCharsets.UTF_8);
        return page.lines().anyMatch(line::equals);
    }

    private static <T extends SpecificRecordBase> void send(String topic, T record) {
        @SuppressWarnings("unchecked")
        RecordCodec<T> codec = RecordCodec.of((Class<T>) record.getClass());
        send(topic, codec.encode(record));
    }

    private static void send(String topic, byte[] value) {
        Future<RecordMetadata> unused = producer.send(new ProducerRecord<>(topic, value));
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting").isLessThan(end);
            LockSupport.parkNanos(20_000_000);
        }
    }

    @Test
    void fromTheEndItReadsWhatComesAndNothingElse() {
        Topics topics = new Topics("end.");
        kafka.createTopics(topics, 2);
        send(
                topics.scores(),
                LoopRecords.ended(1, FinishReason.LENGTH, 3, 1, 40).build());
        send(topics.control(), LoopRecords.heartbeat("before").build());
        producer.flush();
        export(topics, Beginning.LATEST);
        await(() -> exporter.checks().get(0).holds());
        send(
                topics.scores(),
                LoopRecords.ended(2, FinishReason.LENGTH, 3, 1, 40).build());
        send(topics.control(), LoopRecords.heartbeat("job").build());
        await(() -> shows(ENDED + "1.0") && shows("edistream_kill_switch{job_name=\"job\"} 0.0"));
        assertThat(shows("edistream_kill_switch{job_name=\"before\"} 0.0")).isFalse();
        assertThat(shows("edistream_exporter_kafka_reachable 1.0")).isTrue();
        await(() -> shows("edistream_exporter_lag_records{topic=\"end.scores.v1\"} 0.0"));
    }

    @Test
    void fromTheBeginningOldHeartbeatsAreNoSignOfLife() {
        Topics topics = new Topics("begin.");
        kafka.createTopics(topics, 1);
        send(
                topics.control(),
                LoopRecords.heartbeat("job", LoopRecords.rule("a", 1, Mode.ARMED))
                        .build());
        send(
                topics.scores(),
                LoopRecords.ended(1, FinishReason.LENGTH, 3, 1, 40).build());
        producer.flush();
        export(topics, Beginning.EARLIEST);
        await(() -> shows(ENDED + "1.0") && shows("edistream_exporter_records_total{topic=\"begin.control.v1\"} 1.0"));
        assertThat(shows("edistream_kill_switch{job_name=\"job\"} 0.0")).isFalse();
    }

    @Test
    void missingTopicsAreWaitedForAndReadFromTheirBeginning() {
        Topics topics = new Topics("late.");
        export(topics, Beginning.LATEST);
        await(() -> !said.isEmpty());
        assertThat(said)
                .containsExactly(
                        "Kafka lacks late.scores.v1, late.spikes.v1, late.control.v1, late.control-outcomes.v1;"
                                + " another --topic-prefix, or create them with: edistream topics --create; waiting");
        assertThat(shows("edistream_exporter_kafka_reachable 0.0")).isTrue();
        assertThat(exporter.checks().get(0).holds()).isFalse();
        kafka.createTopics(topics, 1);
        send(
                topics.scores(),
                LoopRecords.ended(1, FinishReason.LENGTH, 3, 1, 40).build());
        await(() -> shows(ENDED + "1.0"));
        await(() -> said.size() == 2);
        assertThat(said.get(1)).startsWith("reads again, after ");
    }

    @Test
    void aBrokerThatIsGoneShowsWithinTenSecondsAndReadingGoesOn() {
        Topics topics = new Topics("gone.");
        kafka.createTopics(topics, 1);
        export(topics, Beginning.LATEST);
        await(() -> exporter.checks().get(0).holds());
        send(
                topics.scores(),
                LoopRecords.ended(1, FinishReason.LENGTH, 3, 1, 40).build());
        await(() -> shows(ENDED + "1.0"));
        kafka.stopBroker();
        long begun = System.nanoTime();
        await(() -> shows("edistream_exporter_kafka_reachable 0.0"));
        assertThat(System.nanoTime() - begun).isLessThan(10_000_000_000L);
        assertThat(exporter.isAlive()).isTrue();
        await(() -> !shows("edistream_exporter_lag_records{topic=\"gone.scores.v1\"} 0.0"));
        kafka.startBroker();
        send(
                topics.scores(),
                LoopRecords.ended(2, FinishReason.LENGTH, 3, 1, 40).build());
        await(() -> shows(ENDED + "2.0") && shows("edistream_exporter_kafka_reachable 1.0"));
        assertThat(said).hasSize(2);
        assertThat(said.get(0)).isEqualTo("Kafka does not answer; waiting");
    }

    @Test
    void whatCannotBeReadIsCountedAndPartitionsThatComeLaterAreRead() throws Exception {
        Topics topics = new Topics("garbage.");
        kafka.createTopics(topics, 1);
        export(topics, Beginning.LATEST);
        await(() -> exporter.checks().get(0).holds());
        send(topics.scores(), new byte[] {1, 2, 3});
        send(topics.spikes(), new byte[0]);
        send(topics.control(), LoopRecords.burst(1));
        await(() -> shows("edistream_exporter_unreadable_records_total{topic=\"garbage.scores.v1\"} 1.0")
                && shows("edistream_exporter_unreadable_records_total{topic=\"garbage.spikes.v1\"} 1.0")
                && shows("edistream_exporter_unreadable_records_total{topic=\"garbage.control.v1\"} 1.0"));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createPartitions(Map.of(topics.scores(), NewPartitions.increaseTo(2)))
                    .all()
                    .get();
            await(() -> partitions(admin, topics.scores()) == 2);
        }
        byte[] score = RecordCodec.of(Score.class)
                .encode(LoopRecords.ended(1, FinishReason.LENGTH, 3, 1, 40).build());
        producer.partitionsFor(topics.scores());
        await(() -> {
            try {
                return producer.send(new ProducerRecord<>(topics.scores(), 1, null, score))
                                .get()
                        != null;
            } catch (ExecutionException | InterruptedException | RuntimeException e) {
                return false;
            }
        });
        await(() -> shows(ENDED + "1.0"));
    }

    private static int partitions(Admin admin, String topic) {
        try {
            return admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get()
                    .get(topic)
                    .partitions()
                    .size();
        } catch (ExecutionException | InterruptedException e) {
            return 0;
        }
    }
}
