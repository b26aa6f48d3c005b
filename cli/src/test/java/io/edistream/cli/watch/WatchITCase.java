package io.edistream.cli.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.CommandRun;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.OutcomeKind;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import io.edistream.schemas.Topics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class WatchITCase {

    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private static final Map<Class<? extends SpecificRecordBase>, RecordCodec<?>> CODECS = new ConcurrentHashMap<>();

    private static EmbeddedKafka kafka;
    private static Producer<byte[], byte[]> producer;

    private final CommandRun run = new CommandRun();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private Thread watcher = new Thread();

    @BeforeAll
    static void start() {
        kafka = EmbeddedKafka.start();
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "linger.ms", 5),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    @AfterAll
    static void stop() {
        producer.close();
        kafka.close();
    }

    @AfterEach
    void end() {
        watcher.interrupt();
    }

    @Test
    void whatIsWrittenIsShownAndAnInterruptionIsAGoodEnd() throws Exception {
        Topics topics = new Topics("shown.");
        kafka.createTopics(topics, 2);
        send(topics.tokenEntropy(), LiveRecords.started(1, 7, "reasoner-s", "r1"));
        send(topics.tokenEntropy(), LiveRecords.decoded(1, 7, 0, 7, "secret"));
        send(topics.tokenEntropy(), LiveRecords.decoded(2, 7, 100, 5, ""));
        send(topics.control(), LiveRecords.abort(1, 7));
        send(topics.controlOutcomes(), LiveRecords.outcome(1, 7, OutcomeKind.APPLIED));
        send(topics.tokenEntropy(), LiveRecords.ended(1, 7, 7, "42"));
        send(topics.scores(), LiveRecords.score(1, 7, 12, FinishReason.END_OF_SEQUENCE));
        producer.flush();

        watch("shown.", "--from=earliest");
        await(() -> run.out().contains(" 12.0") && run.out().contains("ABORT"));
        watcher.interrupt();

        assertThat(exit.get(60, TimeUnit.SECONDS)).as(run.toString()).isZero();
        assertThat(run.out())
                .contains("0000000000000001-7      ended      r1                7 ▃▃▃▃▃▃▃")
                .contains("ABORT by abort-above, applied +2 tokens: edis 12.00 above 11.00\n")
                .doesNotContain("secret")
                .doesNotContain("42")
                .containsPattern(
                        "watched [0-9.]+ s: 12 tokens of 2 sources \\| 1 sequences ended \\(1 end of sequence\\)"
                                + " \\| commands: 1 applied\n$");
    }

    @Test
    void missingTopicsAreNamedWithWhatCreatesThem() throws Exception {
        watch("none.");
        assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(run.err())
                .contains("lacks none.token-entropy.v1, none.scores.v1, none.control.v1, none.control-outcomes.v1;"
                        + " another --topic-prefix, or create what is missing with: edistream topics --create"
                        + " --bootstrap-servers " + kafka.bootstrapServers() + " --topic-prefix 'none.'\n");
    }

    @Test
    void aBrokerThatIsGoneAndBackIsSaidAndReadingGoesOn() throws Exception {
        Topics topics = new Topics("gone.");
        kafka.createTopics(topics, 1);
        send(topics.scores(), LiveRecords.score(1, 1, 3, FinishReason.ABANDONED));
        producer.flush();
        watch("gone.", "--from=earliest");
        await(() -> run.out().contains("0000000000000001-1 "));
        kafka.stopBroker();
        await(() -> run.err().contains("Kafka does not answer"));
        kafka.startBroker();
        await(() -> run.err().contains("Kafka answers again, after "));
        send(topics.scores(), LiveRecords.score(1, 2, 3, FinishReason.ABANDONED));
        await(() -> run.out().contains("0000000000000001-2 "));
        watcher.interrupt();
        assertThat(exit.get(60, TimeUnit.SECONDS)).isZero();
    }

    /** 20,000 tokens/s for five seconds, as 32 sequences at a time decode them: all are shown, or counted as left out. */
    @Test
    void itKeepsUpOrSaysWhatItLeftOut() throws Exception {
        Topics topics = new Topics("fast.");
        kafka.createTopics(topics, 1);
        watch("fast.", "--from=earliest");
        int width = 32;
        int steps = 5 * 20_000 / width;
        long begun = System.nanoTime();
        for (int step = 0; step < steps; step++) {
            LockSupport.parkNanos(begun + step * 5_000_000_000L / steps - System.nanoTime());
            send(topics.tokenEntropy(), step(step, width));
        }
        producer.flush();
        double seconds = (System.nanoTime() - begun) / 1e9;
        await(() -> {
            send(topics.scores(), LiveRecords.score(9, 1, 3, FinishReason.ABANDONED));
            send(topics.tokenEntropy(), LiveRecords.ended(8, 1, 1, null));
            send(topics.scores(), LiveRecords.score(8, 1, 3, FinishReason.END_OF_SEQUENCE));
            LockSupport.parkNanos(50_000_000);
            return run.out().contains("0000000000000008-1 ");
        });
        watcher.interrupt();
        assertThat(exit.get(60, TimeUnit.SECONDS)).isZero();
        String last = run.out().lines().reduce("", (before, line) -> line);
        long tokens = number(last, "([0-9,]+) tokens");
        long leftOut = number(last, "left out ([0-9]+) records");
        System.out.printf("wrote %.0f tokens/s; %s%n", steps * width / seconds, last);
        if (leftOut == 0) {
            assertThat(tokens).isEqualTo((long) steps * width);
        } else {
            assertThat(tokens + leftOut * width).isGreaterThanOrEqualTo((long) steps * width);
        }
    }

    /** How fast a backlog is read; the figure is for the documentation. */
    @Test
    void aBacklogIsReadWhole() throws Exception {
        Topics topics = new Topics("backlog.");
        kafka.createTopics(topics, 1);
        int width = 32;
        int steps = 20_000;
        for (int step = 0; step < steps; step++) {
            send(topics.tokenEntropy(), step(step, width));
        }
        send(topics.tokenEntropy(), LiveRecords.ended(8, 1, 1, null));
        send(topics.scores(), LiveRecords.score(8, 1, 3, FinishReason.END_OF_SEQUENCE));
        producer.flush();
        watch("backlog.", "--from=earliest");
        await(() -> run.out().contains("0000000000000008-1 "));
        watcher.interrupt();
        assertThat(exit.get(60, TimeUnit.SECONDS)).isZero();
        String last = run.out().lines().reduce("", (before, line) -> line);
        System.out.println("backlog: " + last);
        assertThat(number(last, "([0-9,]+) tokens")).isEqualTo((long) steps * width);
        assertThat(last).doesNotContain("left out");
    }

    private static long number(String line, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(line);
        return matcher.find() ? Long.parseLong(matcher.group(1).replace(",", "")) : 0;
    }

    private static TokenEntropyBatch step(int number, int width) {
        List<TokenRun> runs = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            runs.add(new TokenRun((long) i + (long) number / 200 * width, number % 200, 1));
        }
        return TokenEntropyBatch.newBuilder()
                .setGenerator(Ids.generatorId(5))
                .setRecordNumber(number)
                .setDecodedAtMicros(1)
                .setRuns(runs)
                .setEntropies(Collections.nCopies(width, 0.5f))
                .setLogprobs(Collections.nCopies(width, -1f))
                .setConfidences(Collections.nCopies(width, 5f))
                .build();
    }

    private void watch(String prefix, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("watch", "--bootstrap-servers=" + kafka.bootstrapServers(), "--topic-prefix=" + prefix));
        arguments.addAll(List.of(more));
        watcher = new Thread(() -> exit.complete(run.execute(arguments.toArray(String[]::new))), "watch");
        watcher.start();
    }

    @SuppressWarnings("unchecked")
    private static <T extends SpecificRecordBase> void send(String topic, T record) {
        RecordCodec<T> codec = (RecordCodec<T>) CODECS.computeIfAbsent(record.getClass(), RecordCodec::of);
        byte[] value = codec.encode(record);
        Future<?> unused = producer.send(new ProducerRecord<>(topic, new byte[8], value));
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean() && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(20_000_000);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }
}
