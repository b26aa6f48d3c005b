package io.edistream.jobs;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.measured;
import static io.edistream.jobs.Batches.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.jobs.KafkaOptions.StartFrom;
import io.edistream.jobs.sequences.JobIdentity;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Command;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.Topics;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Threshold;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** The job as it is started, with a real broker at both ends. */
class KafkaITCase {

    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Topics TOPICS = new Topics("it.");
    private static final byte[] GENERATOR_KEY = Ids.generatorKey(Batches.GENERATOR);

    @Test
    void entropyEventsBecomeScoresSpikesCommandsAndRejections() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                EmbeddedFlink flink = EmbeddedFlink.start(2)) {
            kafka.createTopics(TOPICS, 3);
            StreamExecutionEnvironment environment = flink.environment();
            EdistreamJob.define(environment, options(kafka));
            flink.submit(environment, "edistream").awaitRunning();

            RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
            List<byte[]> values = new ArrayList<>();
            values.add(codec.encode(batch(0).start(1).start(2).build()));
            values.add("not a record".getBytes(StandardCharsets.UTF_8));
            values.add(codec.encode(batch(1).run(1, 0, measured(1, 30))
                    .run(2, 0, token(0), token(5), token(0))
                    .build()));
            values.add(codec.encode(batch(2).finish(1, 30).finish(2, 3).build()));
            send(kafka, values);

            List<ConsumerRecord<byte[], byte[]>> scores = read(kafka, TOPICS.scores(), Score.class, 3);
            RecordCodec<Score> scoreCodec = RecordCodec.of(Score.class);
            List<Score> finals = new ArrayList<>();
            for (ConsumerRecord<byte[], byte[]> record : scores) {
                Score score = scoreCodec.decode(record.value());
                assertThat(record.key()).isEqualTo(score.getSequence().bytes());
                if (score.getFinal$()) {
                    finals.add(score);
                }
            }
            assertThat(finals).extracting(Score::getTokens).containsExactlyInAnyOrder(30, 3);

            ConsumerRecord<byte[], byte[]> command =
                    read(kafka, TOPICS.control(), Command.class, 1).get(0);
            assertThat(command.key()).isEqualTo(GENERATOR_KEY);
            assertThat(RecordCodec.of(Command.class).decode(command.value()).getSequence())
                    .isEqualTo(Ids.sequenceId(Batches.GENERATOR, 2));

            Heartbeat heartbeat = RecordCodec.of(Heartbeat.class)
                    .decode(read(kafka, TOPICS.control(), Heartbeat.class, 1)
                            .get(0)
                            .value());
            assertThat(heartbeat.getJobName()).isEqualTo("it");
            assertThat(heartbeat.getModes()).hasSize(1);

            ConsumerRecord<byte[], byte[]> spike =
                    read(kafka, TOPICS.spikes(), Spike.class, 1).get(0);
            assertThat(spike.key())
                    .isEqualTo(RecordCodec.of(Spike.class)
                            .decode(spike.value())
                            .getSequence()
                            .bytes());

            ConsumerRecord<byte[], byte[]> rejection =
                    read(kafka, TOPICS.rejected(), Rejected.class, 1).get(0);
            Rejected rejected = RecordCodec.of(Rejected.class).decode(rejection.value());
            assertThat(rejection.key()).isNull();
            assertThat(rejected.getReason()).isEqualTo(RejectReason.UNREADABLE);
            assertThat(rejected.getTopic()).isEqualTo(TOPICS.tokenEntropy());
            assertThat(rejected.getOffset()).isEqualTo(1);
            assertThat(StandardCharsets.UTF_8.decode(rejected.getPayload()).toString())
                    .isEqualTo("not a record");
        }
    }

    private static JobOptions options(EmbeddedKafka kafka) {
        WatchSettings settings = WatchSettings.of(
                Scoring.DEFAULT,
                Rules.of(
                        Threshold.above(
                                        new RuleKey("abort-above", 1),
                                        LimitScope.ofModels("reasoner-s"),
                                        "largest_windowed_entropy",
                                        2.2,
                                        new Act.Abort(true))
                                .from(2),
                        Mode.ARMED));
        return new JobOptions(
                new KafkaOptions(kafka.bootstrapServers(), TOPICS, "jobs", StartFrom.COMMITTED, Map.of()),
                new JobIdentity("it", "0"),
                settings,
                new RuntimeOptions(2, Duration.ofSeconds(1), Optional.empty()));
    }

    private static void send(EmbeddedKafka kafka, List<byte[]> values) throws ExecutionException, InterruptedException {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (byte[] value : values) {
                producer.send(new ProducerRecord<>(TOPICS.tokenEntropy(), GENERATOR_KEY, value))
                        .get();
            }
        }
    }

    private static <T extends SpecificRecordBase> List<ConsumerRecord<byte[], byte[]>> read(
            EmbeddedKafka kafka, String topic, Class<T> type, int count) {
        RecordCodec<T> codec = RecordCodec.of(type);
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        kafka.bootstrapServers(),
                        ConsumerConfig.GROUP_ID_CONFIG,
                        "reader-" + type.getSimpleName(),
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            long deadline = System.nanoTime() + LIMIT.toNanos();
            while (records.size() < count && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    // Two kinds of records are on the topic of commands.
                    if (codec.claims(record.value())) {
                        records.add(record);
                    }
                }
            }
        }
        assertThat(records).as(topic).hasSizeGreaterThanOrEqualTo(count);
        return records;
    }
}
