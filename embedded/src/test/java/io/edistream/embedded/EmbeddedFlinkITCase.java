package io.edistream.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.schemas.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

class EmbeddedFlinkITCase {

    private static final Topics TOPICS = new Topics("test.");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void aJobFromKafkaToKafkaAnswersAtOnceAndIsCancelled(TestReporter reporter) {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                EmbeddedFlink flink = EmbeddedFlink.start(2)) {
            kafka.createTopics(TOPICS, 2);
            EmbeddedJob job =
                    flink.submit(kafkaToKafka(flink, kafka), "upper case").awaitRunning();
            assertThat(job.status()).isEqualTo(JobStatus.RUNNING);

            List<Long> nanos = new ArrayList<>();
            try (KafkaProducer<String, String> producer = Client.producer(kafka);
                    KafkaConsumer<String, String> consumer = Client.consumer(kafka, "readers", TOPICS.scores())) {
                for (int round = 0; round < 200; round++) {
                    long sent = System.nanoTime();
                    Waiting.get(
                            producer.send(new ProducerRecord<>(TOPICS.tokenEntropy(), "token " + round)),
                            LIMIT,
                            "sending");
                    assertThat(next(consumer)).isEqualTo("TOKEN " + round);
                    nanos.add(System.nanoTime() - sent);
                }
            }
            nanos.sort(null);
            Duration median = Duration.ofNanos(nanos.get(nanos.size() / 2));
            reporter.publishEntry("produce to consume through a Flink job, p50", median.toNanos() / 1000 + " us");
            // Tens of milliseconds at most on a quiet machine; what others do with this one is not the matter here.
            assertThat(median).isLessThan(Duration.ofSeconds(1));

            job.cancel();
            assertThat(job.status()).isEqualTo(JobStatus.CANCELED);
        }
    }

    @Test
    void aClosedClusterLeavesNoThreadAndNoFileAndCanBeStartedAgain() throws IOException {
        for (int round = 0; round < 2; round++) {
            Leftovers leftovers = Leftovers.before();
            EmbeddedFlink flink = EmbeddedFlink.start(2);
            EmbeddedJob job = flink.submit(endless(flink), "endless").awaitRunning();
            assertThat(job.failure()).isEmpty();

            flink.close();
            flink.close();

            leftovers.awaitNone();
        }
    }

    @Test
    void onlyTheLoopbackInterfaceIsListenedOn() {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                EmbeddedFlink flink = EmbeddedFlink.start(1)) {
            kafka.createTopics(TOPICS, 1);
            flink.submit(kafkaToKafka(flink, kafka), "upper case").awaitRunning();

            assertThat(ListeningSockets.ofThisProcess()).isNotEmpty().allMatch(address -> address.getAddress()
                    .isLoopbackAddress());
        }
    }

    @Test
    void aJobThatEndsIsAwaited() {
        try (EmbeddedFlink flink = EmbeddedFlink.start(1)) {
            StreamExecutionEnvironment environment = flink.environment();
            environment.fromSequence(1, 1000).sinkTo(new DiscardingSink<>());

            EmbeddedJob job = flink.submit(environment, "bounded");
            job.awaitFinished(LIMIT);
            job.cancel();

            assertThat(job.status()).isEqualTo(JobStatus.FINISHED);
        }
    }

    @Test
    void anEnvironmentExecutesOnItsCluster() throws Exception {
        try (EmbeddedFlink flink = EmbeddedFlink.start(1)) {
            StreamExecutionEnvironment environment = flink.environment();

            List<Long> doubled = environment
                    .fromSequence(1, 3)
                    .map(new Doubling())
                    .returns(Types.LONG)
                    .executeAndCollect(3);

            assertThat(doubled).containsExactly(2L, 4L, 6L);
        }
    }

    @Test
    void aJobThatFailsSaysWhy() {
        Configuration noRestart = new Configuration();
        noRestart.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        try (EmbeddedFlink flink = EmbeddedFlink.start(1, noRestart)) {
            StreamExecutionEnvironment environment = flink.environment();
            environment.fromSequence(1, Long.MAX_VALUE).map(new Failing()).sinkTo(new DiscardingSink<>());

            EmbeddedJob job = flink.submit(environment, "failing");

            assertThatThrownBy(() -> job.awaitFinished(LIMIT))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("job failing")
                    .hasMessageEndingWith(
                            "has ended: FAILED, java.lang.IllegalArgumentException: seven is not welcome");
            assertThatThrownBy(job::awaitRunning).hasMessageContaining("seven is not welcome");
            assertThat(job.failure())
                    .hasValueSatisfying(text -> assertThat(text).contains("seven is not welcome"));
        }
    }

    @Test
    void settingsOfTheCallerGoFirst() {
        Configuration settings = new Configuration();
        settings.set(ExecutionOptions.BUFFER_TIMEOUT, Duration.ofMillis(7));
        try (EmbeddedFlink standard = EmbeddedFlink.start(3);
                EmbeddedFlink changed = EmbeddedFlink.start(1, settings)) {
            assertThat(standard.environment().getBufferTimeout()).isZero();
            assertThat(standard.environment().getParallelism()).isEqualTo(3);
            assertThat(changed.environment().getBufferTimeout()).isEqualTo(7);
        }
        assertThatThrownBy(() -> EmbeddedFlink.start(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1");
    }

    private static String next(KafkaConsumer<String, String> consumer) {
        List<String> values = new ArrayList<>();
        Waiting.until(
                () -> {
                    consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
                    return !values.isEmpty();
                },
                LIMIT,
                () -> "no answer came");
        assertThat(values).hasSize(1);
        return values.get(0);
    }

    private static StreamExecutionEnvironment kafkaToKafka(EmbeddedFlink flink, EmbeddedKafka kafka) {
        StreamExecutionEnvironment environment = flink.environment();
        environment.enableCheckpointing(500);
        KafkaSource<String> source = KafkaSource.<String>builder()
                .setBootstrapServers(kafka.bootstrapServers())
                .setTopics(TOPICS.tokenEntropy())
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setValueOnlyDeserializer(new SimpleStringSchema())
                .build();
        KafkaSink<String> sink = KafkaSink.<String>builder()
                .setBootstrapServers(kafka.bootstrapServers())
                .setRecordSerializer(KafkaRecordSerializationSchema.<String>builder()
                        .setTopic(TOPICS.scores())
                        .setValueSerializationSchema(new Text())
                        .build())
                .build();
        environment
                .fromSource(source, WatermarkStrategy.noWatermarks(), "tokens")
                .uid("tokens")
                .keyBy(String::length, Types.INT)
                .map(new UpperCase())
                .uid("upper-case")
                .sinkTo(sink)
                .uid("scores");
        return environment;
    }

    private static StreamExecutionEnvironment endless(EmbeddedFlink flink) {
        StreamExecutionEnvironment environment = flink.environment();
        environment
                .fromSequence(1, Long.MAX_VALUE)
                .keyBy(value -> value % 7, Types.LONG)
                .map(new Doubling())
                .sinkTo(new DiscardingSink<>());
        return environment;
    }

    private static final class UpperCase implements MapFunction<String, String> {
        @Override
        public String map(String value) {
            return value.toUpperCase(Locale.ROOT);
        }
    }

    private static final class Doubling implements MapFunction<Long, Long> {
        @Override
        public Long map(Long value) {
            return 2 * value;
        }
    }

    private static final class Failing implements MapFunction<Long, Long> {
        @Override
        public Long map(Long value) {
            if (value == 7) {
                throw new IllegalArgumentException("seven is not welcome");
            }
            return value;
        }
    }

    /** A named class: the sink's lineage cannot be told from a lambda. */
    private static final class Text implements SerializationSchema<String> {
        @Override
        public byte[] serialize(String value) {
            return value.getBytes(StandardCharsets.UTF_8);
        }
    }
}
