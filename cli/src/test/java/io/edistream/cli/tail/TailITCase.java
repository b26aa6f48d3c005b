package io.edistream.cli.tail;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.cli.CommandRun;
import io.edistream.console.topics.Beginning;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import io.edistream.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class TailITCase {

    private static final RecordCodec<TokenEntropyBatch> CODEC = RecordCodec.of(TokenEntropyBatch.class);

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
    void aBacklogIsPrintedWholeAndOnlyUpToItsEnd() throws Exception {
        Topics topics = new Topics("backlog.");
        kafka.createTopics(topics, 2);
        send(topics, 0, 5_000);
        send(topics, 1, 1);
        sendBytes(topics, 1, new byte[] {1, 2, 3});
        send(topics, 1, 2);

        assertThat(tail(run, "token-entropy", "backlog.")).as(run.err()).isZero();
        List<JsonNode> lines = read(run);
        assertThat(lines).hasSize(5_004);
        assertThat(lines.stream()
                        .filter(line -> line.at("/kafka/partition").asInt() == 0)
                        .map(line -> line.path("record_number").asLong()))
                .as("in order")
                .isSorted()
                .hasSize(5_000);
        assertThat(lines.stream()
                        .filter(line -> line.path("type").asText().equals("unreadable"))
                        .map(line -> line.at("/kafka/offset").asLong()))
                .containsExactly(1L);

        CommandRun some = new CommandRun();
        assertThat(tail(some, "backlog.token-entropy.v1", "backlog.", "--max=3"))
                .isZero();
        assertThat(some.out().lines()).hasSize(3);
        CommandRun old = new CommandRun();
        assertThat(tail(old, "token-entropy", "backlog.", "--from=2020-01-01T00:00:00Z"))
                .isZero();
        assertThat(old.out().lines()).hasSize(5_004);
        CommandRun none = new CommandRun();
        assertThat(tail(none, "token-entropy", "backlog.", "--from=0s")).isZero();
        assertThat(none.out()).isEmpty();
    }

    @Test
    void anEmptyTopicEndsAtOnceAndAMissingOneIsNamed() {
        Topics topics = new Topics("empty.");
        kafka.createTopics(topics, 1);
        assertThat(tail(run, "scores", "empty.")).isZero();
        assertThat(run.toString()).isEmpty();

        assertThat(tail(run, "fleet", "empty.")).isEqualTo(1);
        assertThat(run.err())
                .contains("lacks the topic empty.fleet.v1; another --topic-prefix, or create it with: edistream topics"
                        + " --create --bootstrap-servers " + kafka.bootstrapServers() + " --topic-prefix 'empty.'");
        assertThat(run.execute("tail", "scores", "--bootstrap-servers=localhost:1"))
                .isEqualTo(1);
        assertThat(run.err()).contains("Kafka at localhost:1 does not answer");
        assertThat(tail(run, "scores", "empty.", "--from=latest")).isEqualTo(2);
        assertThat(run.err()).contains("--from latest: needs --follow");
    }

    /** A reader whose lines nobody takes while 3,000 records come, then is told how many it did not show. */
    @Test
    void whoFallsBehindIsToldHowMuchWasLeftOut() throws Exception {
        Topics topics = new Topics("slow.");
        kafka.createTopics(topics, 1);
        send(topics, 0, 100);
        TopicPartition partition = new TopicPartition(topics.tokenEntropy(), 0);
        List<Long> shown = new ArrayList<>();
        List<Long> leftOut = new ArrayList<>();
        TopicTail.Listener slow = new TopicTail.Listener() {
            private boolean blocked;

            @Override
            public boolean onRecord(ConsumerRecord<byte[], byte[]> record) {
                shown.add(record.offset());
                // The backlog of the start is whole; the first record behind it is taken very slowly.
                if (record.offset() == 100 && !blocked) {
                    blocked = true;
                    send(topics, 0, 3_000);
                }
                return record.offset() < 4_000;
            }

            @Override
            public void onIdle() {
                if (shown.size() == 100) {
                    send(topics, 0, 1);
                }
                if (!leftOut.isEmpty()) {
                    send(topics, 0, 1_000);
                    leftOut.add(0L);
                }
            }

            @Override
            public void onLeftOut(long records) {
                leftOut.add(records);
            }
        };
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        settings.put("max.poll.records", 20);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            new TopicTail(consumer, List.of(partition), slow).follow(Beginning.EARLIEST, 1_500);
        }
        long told = leftOut.stream().mapToLong(Long::longValue).sum();
        assertThat(told).isGreaterThan(1_500);
        assertThat(shown.subList(0, 101)).as("what was there").isSorted().contains(0L, 99L, 100L);
        assertThat(shown).doesNotHaveDuplicates();
        assertThat(shown.get(shown.size() - 1) + 1 - shown.size())
                .as("shown and left out are all")
                .isEqualTo(told);
    }

    /** 20,000 tokens/s for five seconds, as 32 sequences at a time decode them: all are lines, or counted as left out. */
    @Test
    void followingKeepsUpOrSaysWhatItLeftOutAndEndsWell() throws Exception {
        Topics topics = new Topics("fast.");
        kafka.createTopics(topics, 1);
        CompletableFuture<Integer> exit = new CompletableFuture<>();
        Thread tail = new Thread(() -> exit.complete(tail(run, "token-entropy", "fast.", "--follow")), "tail");
        tail.start();
        int first = sendUntilSeen(topics, 0);
        int width = 32;
        int steps = 5 * 20_000 / width;
        long begun = System.nanoTime();
        List<Future<?>> sent = new ArrayList<>();
        try (Producer<byte[], byte[]> producer = producer()) {
            for (int step = 0; step < steps; step++) {
                LockSupport.parkNanos(begun + step * 5_000_000_000L / steps - System.nanoTime());
                sent.add(producer.send(new ProducerRecord<>(
                        topics.tokenEntropy(), 0, new byte[8], CODEC.encode(step(first + step, width)))));
            }
            await(sent);
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        int last = sendUntilSeen(topics, first + steps);
        double behind = (System.nanoTime() - begun) / 1e9 - seconds;
        tail.interrupt();
        assertThat(exit.get(60, TimeUnit.SECONDS)).as(run.err()).isZero();
        long lines = run.out().lines().count();
        long leftOut = Pattern.compile("left out ([0-9]+) records")
                .matcher(run.err())
                .results()
                .mapToLong(said -> Long.parseLong(said.group(1)))
                .sum();
        System.out.printf(
                "tail: wrote %.0f tokens/s; %d lines, left out %d, last line %.1f s after the last record%n",
                steps * width / seconds, lines, leftOut, behind);
        // The first markers may have come before it followed.
        assertThat(lines + leftOut).isBetween((long) last - first, (long) last);
        assertThat(lines).isGreaterThan(steps / 2);
    }

    /** Sends steps from a number on until one of them is printed; returns the number behind the last one. */
    private int sendUntilSeen(Topics topics, int from) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        int next = from;
        while (!run.out().contains("\"record_number\":" + from)
                && !run.out().contains("\"record_number\":" + (next - 1))) {
            assertThat(System.nanoTime()).as("still waiting").isLessThan(end);
            try (Producer<byte[], byte[]> producer = producer()) {
                await(List.of(producer.send(
                        new ProducerRecord<>(topics.tokenEntropy(), 0, new byte[8], CODEC.encode(step(next, 1))))));
            }
            next++;
            LockSupport.parkNanos(50_000_000);
        }
        return next;
    }

    private static TokenEntropyBatch step(int number, int width) {
        List<TokenRun> runs = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            runs.add(new TokenRun((long) i, number, 1));
        }
        return TokenEntropyBatch.newBuilder()
                .setGenerator(Ids.generatorId(0))
                .setRecordNumber(number)
                .setDecodedAtMicros(1)
                .setRuns(runs)
                .setEntropies(Collections.nCopies(width, 0.5f))
                .setLogprobs(Collections.nCopies(width, -1f))
                .build();
    }

    private int tail(CommandRun command, String topic, String prefix, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("tail", topic, "--bootstrap-servers=" + kafka.bootstrapServers(), "--topic-prefix=" + prefix));
        arguments.addAll(List.of(more));
        return command.execute(arguments.toArray(String[]::new));
    }

    private static List<JsonNode> read(CommandRun run) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        List<JsonNode> lines = new ArrayList<>();
        for (String line : run.out().lines().toList()) {
            lines.add(mapper.readTree(line));
        }
        return lines;
    }

    private static void send(Topics topics, int partition, int records) {
        try (Producer<byte[], byte[]> producer = producer()) {
            List<Future<?>> sent = new ArrayList<>();
            for (int number = 0; number < records; number++) {
                TokenEntropyBatch step = TokenEntropyBatch.newBuilder()
                        .setGenerator(Ids.generatorId(partition))
                        .setRecordNumber(number)
                        .setDecodedAtMicros(1)
                        .setRuns(List.of(new TokenRun(1L, number, 1)))
                        .setEntropies(List.of(0.5f))
                        .build();
                sent.add(producer.send(new ProducerRecord<>(
                        topics.tokenEntropy(), partition, Ids.generatorKey(partition), CODEC.encode(step))));
            }
            await(sent);
        }
    }

    private static void sendBytes(Topics topics, int partition, byte[] value) {
        try (Producer<byte[], byte[]> producer = producer()) {
            await(List.of(producer.send(new ProducerRecord<>(topics.tokenEntropy(), partition, new byte[8], value))));
        }
    }

    private static void await(List<? extends Future<?>> sent) {
        for (Future<?> one : sent) {
            try {
                one.get(Duration.ofSeconds(60).toSeconds(), TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new IllegalStateException("the broker takes no record", e);
            }
        }
    }

    private static Producer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }
}
