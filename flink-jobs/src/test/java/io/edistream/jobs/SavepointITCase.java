package io.edistream.jobs;

import static io.edistream.jobs.Batches.batch;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.jobs.Batches.Sample;
import io.edistream.jobs.KafkaOptions.StartFrom;
import io.edistream.jobs.sequences.JobIdentity;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceId;
import io.edistream.schemas.Topics;
import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import io.edistream.signals.Token;
import io.edistream.signals.batch.BatchScores;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job is stopped with sequences live, and goes on elsewhere with another number of tasks. */
class SavepointITCase {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Topics TOPICS = new Topics("savepoint.");
    private static final int SOURCES = 6;
    private static final int SEQUENCES = 10;
    private static final int TOKENS = 60;

    @Test
    void liveSequencesGoOnAndEndAsTheDefinitionsSay(@TempDir Path folder) throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                EmbeddedFlink flink = EmbeddedFlink.start(3)) {
            kafka.createTopics(TOPICS, 4);
            try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", kafka.bootstrapServers()),
                    new ByteArraySerializer(),
                    new ByteArraySerializer())) {
                var before = flink.submit(job(flink, kafka, 3, Optional.empty()), "before")
                        .awaitRunning();
                send(producer, 0, 25);
                // Running scores tell that the job has come into the middle of every sequence.
                read(kafka, "middle", SOURCES * SEQUENCES, score -> true);
                String savepoint = before.stopWithSavepoint(folder);
                send(producer, 25, 40);

                flink.submit(job(flink, kafka, 2, Optional.of(savepoint)), "after")
                        .awaitRunning();
                send(producer, 40, TOKENS + 1);
            }
            Map<SequenceId, Score> finals = read(kafka, "end", SOURCES * SEQUENCES, Score::getFinal$);

            for (long source = 1; source <= SOURCES; source++) {
                for (long counter = 0; counter < SEQUENCES; counter++) {
                    Score score = finals.get(Ids.sequenceId(source, counter));
                    List<Token> tokens =
                            tokens(source, counter).stream().map(Sample::core).toList();
                    assertThat(ScoreValues.of(score))
                            .isEqualTo(new TreeMap<>(BatchScores.of(tokens, Scoring.DEFAULT, Catalogue.NO_CLASS)));
                    assertThat(score.getMissing()).isZero();
                }
            }
        }
    }

    private static StreamExecutionEnvironment job(
            EmbeddedFlink flink, EmbeddedKafka kafka, int parallelism, Optional<String> savepoint) {
        StreamExecutionEnvironment environment = flink.environment();
        EdistreamJob.define(
                environment,
                new JobOptions(
                        new KafkaOptions(kafka.bootstrapServers(), TOPICS, "jobs", StartFrom.EARLIEST, Map.of()),
                        new JobIdentity("savepoint", "0"),
                        WatchSettings.DEFAULT,
                        new RuntimeOptions(parallelism, Duration.ofSeconds(1), Optional.empty())));
        Configuration recovery = new Configuration();
        savepoint.ifPresent(path -> recovery.set(StateRecoveryOptions.SAVEPOINT_PATH, path));
        environment.configure(recovery);
        return environment;
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, int from, int to) throws Exception {
        for (int step = from; step < to; step++) {
            for (long source = 1; source <= SOURCES; source++) {
                Batches batch = batch(source, step);
                for (long counter = 0; counter < SEQUENCES; counter++) {
                    if (step == 0) {
                        batch.start(counter);
                    }
                    if (step < TOKENS) {
                        batch.run(counter, step, tokens(source, counter).get(step));
                    } else {
                        batch.finish(counter, TOKENS);
                    }
                }
                producer.send(new ProducerRecord<>(TOPICS.tokenEntropy(), Ids.generatorKey(source), batch.bytes()))
                        .get();
            }
        }
    }

    private static List<Sample> tokens(long source, long counter) {
        return Batches.random(source * 1_000 + counter, TOKENS);
    }

    private static Map<SequenceId, Score> read(EmbeddedKafka kafka, String group, int wanted, Wanted which)
            throws Exception {
        RecordCodec<Score> codec = RecordCodec.of(Score.class);
        Map<SequenceId, Score> scores = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "group.id",
                        group,
                        "auto.offset.reset",
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(TOPICS.scores()));
            long deadline = System.nanoTime() + LIMIT.toNanos();
            while (scores.size() < wanted && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    Score score = codec.decode(record.value());
                    if (which.is(score)) {
                        scores.put(score.getSequence(), score);
                    }
                }
            }
        }
        assertThat(scores).as(group).hasSize(wanted);
        return scores;
    }

    /** Says whether a score is one that is waited for. */
    private interface Wanted {
        boolean is(Score score);
    }
}
