package io.edistream.jobs;

import static io.edistream.jobs.Batches.batch;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.jobs.Batches.Sample;
import io.edistream.jobs.KafkaOptions.StartFrom;
import io.edistream.jobs.sequences.JobIdentity;
import io.edistream.jobs.source.SourceRecord;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Command;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceId;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import io.edistream.signals.Token;
import io.edistream.signals.batch.BatchScores;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Threshold;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** A task dies and the broker goes away, both while sequences run: nothing is lost, nothing comes out different. */
class KafkaFailuresITCase {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Topics TOPICS = new Topics("failures.");
    private static final int SEQUENCES = 24;
    private static final int TOKENS = 120;
    private static final double FORK_ABOVE_NATS = 3.5;

    @Test
    void scoresAreThoseOfTheDefinitionsAndCommandsKeepTheirIds() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                EmbeddedFlink flink = EmbeddedFlink.start(2)) {
            kafka.createTopics(TOPICS, 2);
            flink.submit(job(flink, kafka), "failures").awaitRunning();

            try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", kafka.bootstrapServers()),
                    new ByteArraySerializer(),
                    new ByteArraySerializer())) {
                await(send(producer, 0, 40));
                await(FailOnce.checkpointedInMidStream());
                FailOnce.arm();
                await(send(producer, 40, 60));
                await(FailOnce.restored());
                await(FailOnce.wentOn());

                kafka.stopBroker();
                // Another thread, since a producer that has lost its broker waits inside of send.
                var sending = CompletableFuture.supplyAsync(() -> send(producer, 60, 80));
                kafka.startBroker();
                await(sending.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
                await(send(producer, 80, TOKENS + 1));
            }

            assertFinalScores(kafka);
            assertCommands(kafka);
        }
    }

    private static StreamExecutionEnvironment job(EmbeddedFlink flink, EmbeddedKafka kafka) {
        WatchSettings settings = WatchSettings.of(
                Scoring.DEFAULT,
                Rules.of(
                        Threshold.above(
                                new RuleKey("fork", 1),
                                LimitScope.ofModels("reasoner-s"),
                                Threshold.NEWEST_ENTROPY,
                                FORK_ABOVE_NATS,
                                new Act.Branch(2, 8)),
                        Mode.ARMED));
        KafkaOptions options =
                new KafkaOptions(kafka.bootstrapServers(), TOPICS, "jobs", StartFrom.COMMITTED, Map.of());
        StreamExecutionEnvironment environment = flink.environment();
        environment.configure(new RuntimeOptions(2, Duration.ofMillis(100), Optional.empty()).configuration());
        DataStream<SourceRecord> events = FailOnce.source(environment, options, 100);
        Topology.define(events, KafkaEnds.sinks(options), settings, new JobIdentity("test", "0"), TOPICS);
        return environment;
    }

    /** Sends the steps of all sequences; step 0 starts them too, step {@link #TOKENS} finishes them. */
    private static List<Future<RecordMetadata>> send(KafkaProducer<byte[], byte[]> producer, int from, int to) {
        RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int step = from; step < to; step++) {
            Batches batch = batch(step);
            for (int counter = 0; counter < SEQUENCES; counter++) {
                if (step == 0) {
                    batch.start(counter);
                }
                if (step < TOKENS) {
                    batch.run(counter, step, tokens(counter).get(step));
                } else {
                    batch.finish(counter, TOKENS);
                }
            }
            sent.add(producer.send(new ProducerRecord<>(
                    TOPICS.tokenEntropy(), Ids.generatorKey(Batches.GENERATOR), codec.encode(batch.build()))));
        }
        return sent;
    }

    private static List<Sample> tokens(int counter) {
        return Batches.random(counter, TOKENS);
    }

    private static void assertFinalScores(EmbeddedKafka kafka) throws UnreadableRecordException {
        Map<SequenceId, Set<Score>> finals = new TreeMap<>();
        readUntil(kafka, TOPICS.scores(), Score.class, SEQUENCES, score -> {
            if (score.getFinal$()) {
                finals.computeIfAbsent(score.getSequence(), first -> new HashSet<>())
                        .add(score);
            }
            return finals.size();
        });
        for (int counter = 0; counter < SEQUENCES; counter++) {
            Set<Score> scores = finals.get(Ids.sequenceId(Batches.GENERATOR, counter));
            assertThat(scores).as("copies have the same bytes").hasSize(1);
            Score score = scores.iterator().next();
            List<Token> expected = tokens(counter).stream().map(Sample::core).toList();
            assertThat(ScoreValues.of(score))
                    .isEqualTo(new TreeMap<>(BatchScores.of(expected, Scoring.DEFAULT, Catalogue.NO_CLASS)));
            assertThat(score.getTokens()).isEqualTo(TOKENS);
            assertThat(score.getMissing()).isZero();
        }
    }

    private static void assertCommands(EmbeddedKafka kafka) throws UnreadableRecordException {
        Map<SequenceId, Integer> expected = new TreeMap<>();
        for (int counter = 0; counter < SEQUENCES; counter++) {
            for (int token = TOKENS - 1; token >= 0; token--) {
                if (tokens(counter).get(token).entropy() > FORK_ABOVE_NATS) {
                    expected.put(Ids.sequenceId(Batches.GENERATOR, counter), token);
                }
            }
        }
        Map<SequenceId, Set<Command>> commands = new TreeMap<>();
        readUntil(kafka, TOPICS.control(), Command.class, expected.size(), command -> {
            commands.computeIfAbsent(command.getSequence(), first -> new HashSet<>())
                    .add(command);
            return commands.size();
        });
        assertThat(commands.values()).as("copies have the same id and bytes").allSatisfy(copies -> assertThat(copies)
                .hasSize(1));
        assertThat(commands.entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey,
                                copies -> copies.getValue().iterator().next().getDecidedAtToken())))
                .isEqualTo(expected);
        assertThat(commands.values().stream().flatMap(Set::stream).map(Command::getCommandId))
                .doesNotHaveDuplicates();
    }

    /** Reads a topic from its beginning until as many different things were seen as are wanted, and to its end then. */
    private static <T extends SpecificRecordBase> void readUntil(
            EmbeddedKafka kafka, String topic, Class<T> type, int wanted, Counting<T> counting)
            throws UnreadableRecordException {
        RecordCodec<T> codec = RecordCodec.of(type);
        int seen = 0;
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "group.id",
                        "reader-" + topic,
                        "auto.offset.reset",
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            long deadline = System.nanoTime() + LIMIT.toNanos();
            boolean more = true;
            while ((seen < wanted || more) && System.nanoTime() < deadline) {
                var polled = consumer.poll(Duration.ofMillis(500));
                int before = seen;
                for (ConsumerRecord<byte[], byte[]> record : polled) {
                    // Heartbeats are on the topic of commands, too.
                    if (codec.claims(record.value())) {
                        seen = counting.seen(codec.decode(record.value()));
                    }
                }
                more = seen > before;
            }
        }
        assertThat(seen).as(topic).isEqualTo(wanted);
    }

    private static void await(List<Future<RecordMetadata>> sent) throws Exception {
        for (Future<RecordMetadata> record : sent) {
            record.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static void await(CompletableFuture<Void> condition) throws Exception {
        condition.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private interface Counting<T> {
        /** How many different things there are with this one. */
        int seen(T record);
    }
}
