package io.edistream.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.cli.CommandRun;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Ids;
import io.edistream.schemas.ReadPosition;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.ScoringId;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import io.edistream.schemas.Topics;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class StatusITCase {

    private static EmbeddedKafka kafka;

    private final CommandRun run = new CommandRun();

    @BeforeAll
    static void start() {
        kafka = EmbeddedKafka.start();
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    @Test
    void aLoopThatRunsIsWellAndWithoutItsJobItIsNot() throws Exception {
        Topics topics = new Topics("runs.");
        kafka.createTopics(topics, 1);
        RecordCodec<TokenEntropyBatch> steps = RecordCodec.of(TokenEntropyBatch.class);
        RecordCodec<Heartbeat> heartbeats = RecordCodec.of(Heartbeat.class);
        AtomicLong number = new AtomicLong();
        AtomicReference<Future<?>> sent = new AtomicReference<>();
        ScheduledExecutorService source = Executors.newSingleThreadScheduledExecutor();
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            // Before the listening; and, stamped by a source whose clock is far behind, while it goes on.
            producer.send(command(topics, System.currentTimeMillis(), Action.PRUNE))
                    .get();
            Runnable step = () -> sent.set(producer.send(new ProducerRecord<>(
                    topics.tokenEntropy(),
                    0,
                    Ids.generatorKey(0xabcL),
                    steps.encode(TokenEntropyBatch.newBuilder()
                            .setGenerator(Ids.generatorId(0xabcL))
                            .setRecordNumber(number.getAndIncrement())
                            .setDecodedAtMicros(1)
                            .setRuns(List.of(new TokenRun(1L, 0, 4)))
                            .build()))));
            ScheduledFuture<?> commanding = source.scheduleAtFixedRate(
                    () -> sent.set(producer.send(command(topics, 1_000, Action.ABORT))), 0, 50, TimeUnit.MILLISECONDS);
            ScheduledFuture<?> publishing = source.scheduleAtFixedRate(step, 0, 50, TimeUnit.MILLISECONDS);

            assertThat(status(run, topics, "--seconds=2")).isEqualTo(1);
            assertThat(run.out())
                    .contains("sources   1 published\n          0000000000000abc ")
                    .contains("\ncommands  ABORT.SHADOW ")
                    .doesNotContain("PRUNE")
                    .contains("\nWRONG     no job sent a heartbeat within 10 s")
                    .contains("\nWRONG     a source publishes unwatched");

            producer.send(new ProducerRecord<>(
                            topics.control(),
                            0,
                            null,
                            heartbeats.encode(new Heartbeat(
                                    "id",
                                    "prod",
                                    "1",
                                    0,
                                    1,
                                    TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()),
                                    new ScoringId(new byte[8]),
                                    false,
                                    List.of(),
                                    List.of(new ReadPosition(0, number.get()))))))
                    .get();
            CommandRun watched = new CommandRun();
            assertThat(status(watched, topics, "--seconds=1", "--json"))
                    .as(watched.toString())
                    .isZero();
            JsonNode json = new ObjectMapper().readTree(watched.out());
            assertThat(json.at("/sources/0/tokens_per_second").asDouble()).isPositive();
            assertThat(json.at("/jobs/0/job_name").asText()).isEqualTo("prod");
            assertThat(json.at("/jobs/0/lag_records/0").isNumber()).isTrue();
            assertThat(json.path("problems")).isEmpty();
            assertThat(publishing.isDone() || commanding.isDone()).isFalse();
        } finally {
            source.shutdownNow();
        }
    }

    @Test
    void missingTopicsAndBrokersAndWrongOptionsAreNamed() {
        assertThat(status(run, new Topics("none."), "--seconds=1")).isEqualTo(1);
        assertThat(run.out())
                .contains("topics    0 of 6 required")
                .contains("sources   unknown")
                .contains("jobs      unknown")
                .contains("WRONG     missing: none.token-entropy.v1, none.scores.v1");

        assertThat(run.execute("status", "--bootstrap-servers=localhost:1")).isEqualTo(1);
        assertThat(run.err()).contains("edistream: Kafka at localhost:1 does not answer");
        for (String wrong : List.of("--seconds=0", "--seconds=601", "--max-lag=-1")) {
            assertThat(status(run, Topics.DEFAULT, wrong)).isEqualTo(2);
            assertThat(run.err()).contains(wrong.replace('=', ' ') + ": must be ");
        }
    }

    private static ProducerRecord<byte[], byte[]> command(Topics topics, long stampMillis, Action action) {
        Command command = Command.newBuilder()
                .setCommandId(new CommandId(new byte[16]))
                .setSequence(Ids.sequenceId(0xabcL, 1))
                .setAction(action)
                .setMode(CommandMode.SHADOW)
                .setRule("abort-above")
                .setRevision(1)
                .setModel("m")
                .setRoute("default")
                .setDecidedAtToken(1)
                .setDecodedAtMicros(1)
                .setSentAtToken(1)
                .setSentTokenAtMicros(1)
                .setReason("r")
                .build();
        return new ProducerRecord<>(
                topics.control(),
                0,
                stampMillis,
                Ids.generatorKey(0xabcL),
                RecordCodec.of(Command.class).encode(command));
    }

    private static int status(CommandRun command, Topics topics, String... more) {
        String[] arguments = new String[more.length + 3];
        arguments[0] = "status";
        arguments[1] = "--bootstrap-servers=" + kafka.bootstrapServers();
        arguments[2] = "--topic-prefix=" + topics.prefix();
        System.arraycopy(more, 0, arguments, 3, more.length);
        return command.execute(arguments);
    }
}
