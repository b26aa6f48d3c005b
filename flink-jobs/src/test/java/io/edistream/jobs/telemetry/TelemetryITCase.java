package io.edistream.jobs.telemetry;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.tokens;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedJob;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.jobs.Batches;
import io.edistream.jobs.FailOnce;
import io.edistream.jobs.KafkaEnds;
import io.edistream.jobs.KafkaOptions;
import io.edistream.jobs.KafkaOptions.StartFrom;
import io.edistream.jobs.RuntimeOptions;
import io.edistream.jobs.Topology;
import io.edistream.jobs.sequences.JobIdentity;
import io.edistream.jobs.source.SourceRecord;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Command;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Score;
import io.edistream.schemas.Topics;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Rules.Setting;
import io.edistream.signals.rules.Threshold;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The whole job, while topic scores is missing, deleted, forbidden or too narrow: commands come, and the scores come later. */
@Timeout(180)
class TelemetryITCase {

    /** Everybody may do everything with what has no rule, and this broker has nobody but User:ANONYMOUS. */
    private static final Map<String, String> AUTHORIZER = Map.of(
            "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found", "true",
            "early.start.listeners", "CONTROLLER");

    private static final Duration COMMAND_WITHIN = Duration.ofSeconds(2);
    private static final int PARTITIONS = 2;
    private static final int SEQUENCES = 30;

    private static EmbeddedKafka kafka;
    private static EmbeddedFlink flink;
    private static Admin admin;

    @BeforeAll
    static void start() {
        kafka = EmbeddedKafka.start(AUTHORIZER);
        flink = EmbeddedFlink.start(2);
        admin = Admin.create(clients());
    }

    @AfterAll
    static void stop() {
        admin.close();
        flink.close();
        kafka.close();
    }

    private static Map<String, Object> clients() {
        return Map.of("bootstrap.servers", kafka.bootstrapServers());
    }

    private static EmbeddedJob submit(Topics topics) {
        WatchSettings settings = WatchSettings.of(
                Scoring.DEFAULT,
                new Rules(List.of(new Setting(
                        Threshold.above(
                                new RuleKey("abort-above", 1),
                                LimitScope.ofModels("reasoner-s"),
                                Threshold.NEWEST_ENTROPY,
                                4,
                                new Act.Abort(true)),
                        Mode.ARMED))));
        KafkaOptions options = new KafkaOptions(kafka.bootstrapServers(), topics, "jobs", StartFrom.EARLIEST, Map.of());
        StreamExecutionEnvironment environment = flink.environment();
        environment.configure(new RuntimeOptions(1, Duration.ofMillis(100), Optional.empty()).configuration());
        DataStream<SourceRecord> records = FailOnce.source(environment, options, 3);
        Topology.define(records, KafkaEnds.sinks(options), settings, new JobIdentity("it", ""), topics);
        return flink.submit(environment, "telemetry").awaitRunning();
    }

    /** A source that has one sequence after another, and waits for the command that each of them is worth. */
    private static final class Source implements AutoCloseable {
        private final Topics topics;
        private final KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(clients(), new ByteArraySerializer(), new ByteArraySerializer());
        private final KafkaConsumer<byte[], byte[]> control =
                new KafkaConsumer<>(clients(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        private final RecordCodec<Command> codec = RecordCodec.of(Command.class);
        private final Set<Long> commanded = new HashSet<>();
        private final Set<Integer> beating = new TreeSet<>();
        private long[] waitsNanos = new long[0];
        private int records;

        private Source(Topics topics) {
            this.topics = topics;
            List<TopicPartition> partitions = LongStream.range(0, PARTITIONS)
                    .mapToObj(partition -> new TopicPartition(topics.control(), (int) partition))
                    .toList();
            control.assign(partitions);
            control.seekToBeginning(partitions);
        }

        private void run(int first, int end) throws Exception {
            for (int counter = first; counter < end; counter++) {
                send(batch(records).start(counter).run(counter, 0, tokens(0, 5, 0)));
                long start = System.nanoTime();
                while (!commanded.contains((long) counter)) {
                    assertThat(System.nanoTime() - start)
                            .as("wait for the command of sequence %s", counter)
                            .isLessThan(COMMAND_WITHIN.toNanos());
                    listen();
                }
                waitsNanos = Arrays.copyOf(waitsNanos, waitsNanos.length + 1);
                waitsNanos[waitsNanos.length - 1] = System.nanoTime() - start;
                send(batch(records).finish(counter, 3));
            }
        }

        private void send(Batches batch) throws Exception {
            producer.send(new ProducerRecord<>(
                            topics.tokenEntropy(), Ids.generatorKey(Batches.GENERATOR), batch.bytes()))
                    .get();
            records++;
        }

        private void listen() throws Exception {
            for (ConsumerRecord<byte[], byte[]> record : control.poll(Duration.ofMillis(20))) {
                if (codec.claims(record.value())) {
                    commanded.add(Ids.counter(codec.decode(record.value()).getSequence()));
                } else if (RecordCodec.of(Heartbeat.class).claims(record.value())) {
                    beating.add(record.partition());
                }
            }
        }

        private String waits() {
            Arrays.sort(waitsNanos);
            return waitsNanos[waitsNanos.length / 2] / 1000 + " us median, " + waitsNanos[waitsNanos.length - 1] / 1000
                    + " us at most, of " + waitsNanos.length;
        }

        @Override
        public void close() {
            System.out.println(topics.prefix() + " commands after " + waits());
            producer.close();
            control.close();
        }
    }

    /** Waits until each of these sequences has its final score on the topic, and reads what is there of others. */
    private static void awaitFinals(Topics topics, int first, int end) throws Exception {
        Set<Long> missing = LongStream.range(first, end).boxed().collect(Collectors.toCollection(TreeSet::new));
        RecordCodec<Score> codec = RecordCodec.of(Score.class);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(clients(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = List.of(new TopicPartition(topics.scores(), 0));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (!missing.isEmpty()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    Score score = codec.decode(record.value());
                    if (score.getFinal$()) {
                        assertThat(record.key()).isEqualTo(score.getSequence().bytes());
                        missing.remove(Ids.counter(score.getSequence()));
                    }
                }
            }
        }
    }

    private static Topics created(String prefix) {
        Topics topics = new Topics(prefix);
        kafka.createTopics(topics, PARTITIONS);
        return topics;
    }

    private static void deleteScores(Topics topics) throws Exception {
        admin.deleteTopics(List.of(topics.scores())).all().get();
        Await.until(() -> !admin.listTopics().names().get().contains(topics.scores()));
    }

    private static void createScores(Topics topics) throws Exception {
        admin.createTopics(List.of(new NewTopic(topics.scores(), 1, (short) 1)))
                .all()
                .get();
    }

    private static void setLargestMessage(Topics topics, int bytes) throws Exception {
        admin.incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, topics.scores()),
                        List.of(new AlterConfigOp(
                                new ConfigEntry("max.message.bytes", String.valueOf(bytes)),
                                AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }

    @Test
    void aTopicThatIsMissingAtTheStartGetsAllFinalScoresOnceItIsThere() throws Exception {
        Topics topics = created("missing.");
        deleteScores(topics);
        EmbeddedJob job = submit(topics);
        try (Source source = new Source(topics)) {
            source.run(0, SEQUENCES);
            Await.until(() -> FailOnce.checkpointed() >= source.records);
            createScores(topics);
            awaitFinals(topics, 0, SEQUENCES);
            source.run(SEQUENCES, SEQUENCES + 1);
            awaitFinals(topics, 0, SEQUENCES + 1);
            while (source.beating.size() < PARTITIONS) {
                source.listen();
            }
        }
        assertThat(job.failure()).isEmpty();
        job.cancel();
    }

    @Test
    void aTopicThatIsDeletedInMidRunCostsNoCommandAndNoLaterFinalScore() throws Exception {
        Topics topics = created("deleted.");
        EmbeddedJob job = submit(topics);
        try (Source source = new Source(topics)) {
            source.run(0, SEQUENCES);
            awaitFinals(topics, 0, SEQUENCES);
            deleteScores(topics);
            source.run(SEQUENCES, 2 * SEQUENCES);
            createScores(topics);
            awaitFinals(topics, SEQUENCES, 2 * SEQUENCES);
        }
        assertThat(job.failure()).isEmpty();
        job.cancel();
    }

    @Test
    void aTopicThatTakesNothingSoLargeCostsNoCommandAndIsTriedAgain() throws Exception {
        Topics topics = created("narrow.");
        setLargestMessage(topics, 64);
        EmbeddedJob job = submit(topics);
        try (Source source = new Source(topics)) {
            source.run(0, SEQUENCES);
            setLargestMessage(topics, 1 << 20);
            awaitFinals(topics, 0, SEQUENCES);
        }
        assertThat(job.failure()).isEmpty();
        job.cancel();
    }

    @Test
    void aTopicThatIsForbiddenCostsNoCommandAndIsUsedOnceItIsAllowed() throws Exception {
        Topics topics = created("forbidden.");
        AclBinding readOnly = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, topics.scores(), PatternType.LITERAL),
                new AccessControlEntry("User:*", "*", AclOperation.READ, AclPermissionType.ALLOW));
        admin.createAcls(List.of(readOnly)).all().get();
        EmbeddedJob job = submit(topics);
        try (Source source = new Source(topics)) {
            source.run(0, SEQUENCES);
            admin.deleteAcls(List.of(readOnly.toFilter())).all().get();
            awaitFinals(topics, 0, SEQUENCES);
        }
        assertThat(job.failure()).isEmpty();
        job.cancel();
    }

    @Test
    void noFinalScoreOfACheckpointIsLostWhenTheTaskFailsWhileTheTopicIsMissing() throws Exception {
        Topics topics = created("failed.");
        deleteScores(topics);
        EmbeddedJob job = submit(topics);
        try (Source source = new Source(topics)) {
            source.run(0, SEQUENCES);
            Await.until(() -> FailOnce.checkpointed() >= source.records);
            FailOnce.arm();
            source.send(batch(source.records).start(SEQUENCES));
            Await.until(() -> FailOnce.restored().isDone());
            createScores(topics);
            awaitFinals(topics, 0, SEQUENCES);
        }
        assertThat(job.failure().orElseThrow()).contains("failure on purpose");
        job.cancel();
    }
}
