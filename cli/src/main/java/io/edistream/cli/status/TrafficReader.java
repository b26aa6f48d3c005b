package io.edistream.cli.status;

import io.edistream.schemas.Command;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/** Listens to the topics for a while; heartbeats are also heard that were sent shortly before. */
final class TrafficReader {

    /** How old a heartbeat may be that still tells of a running job: five of them. */
    static final Duration HEARTBEATS = Duration.ofSeconds(10);

    private static final Duration POLL = Duration.ofMillis(100);

    /** How long what was there at the end may take to be read. */
    private static final Duration GRACE = Duration.ofMillis(500);

    private final Consumer<byte[], byte[]> consumer;
    private final Topics topics;
    private final Clock clock;
    private final Traffic traffic = new Traffic();
    private final RecordCodec<Heartbeat> heartbeats = RecordCodec.of(Heartbeat.class);
    private final Map<String, Take> takeByTopic;
    private final Map<Integer, Long> endsAtStart = new HashMap<>();

    /** Takes a record of a topic. */
    @FunctionalInterface
    private interface Take {
        void accept(ConsumerRecord<byte[], byte[]> record) throws UnreadableRecordException;
    }

    TrafficReader(Consumer<byte[], byte[]> consumer, Topics topics, Clock clock) {
        this.consumer = consumer;
        this.topics = topics;
        this.clock = clock;
        RecordCodec<TokenEntropyBatch> steps = RecordCodec.of(TokenEntropyBatch.class);
        this.takeByTopic = Map.of(
                topics.tokenEntropy(),
                record -> traffic.onStep(record.partition(), steps.decode(record.value())),
                topics.scores(),
                take(Score.class, traffic::onScore),
                topics.control(),
                control(take(Command.class, traffic::onCommand)),
                topics.controlOutcomes(),
                take(CommandOutcome.class, traffic::onOutcome),
                topics.rejected(),
                take(Rejected.class, traffic::onRejected));
    }

    private static <T extends SpecificRecordBase> Take take(Class<T> type, java.util.function.Consumer<T> to) {
        RecordCodec<T> codec = RecordCodec.of(type);
        return record -> to.accept(codec.decode(record.value()));
    }

    private Take control(Take commands) {
        return record -> {
            if (heartbeats.claims(record.value())) {
                traffic.onHeartbeat(heartbeats.decode(record.value()));
            } else if (record.offset() >= endsAtStart.getOrDefault(record.partition(), 0L)) {
                // The others are there because heartbeats are asked for from some time before. Commands are stamped by
                // the source's clock, which says nothing of when they were sent.
                commands.accept(record);
            }
        };
    }

    /**
     * What was heard.
     *
     * @param traffic it
     * @param seconds how long it took, 0 if there was no topic to listen to
     * @param beginnings first offsets of token-entropy that are kept, by partition
     * @param ends offsets behind the last record of token-entropy, by partition
     * @param unread records that were there at the end and could not be read in time
     */
    record Heard(
            Traffic traffic, double seconds, Map<Integer, Long> beginnings, Map<Integer, Long> ends, long unread) {}

    /** Listens to partitions of existing topics. */
    Heard listen(List<TopicPartition> partitions, Duration time) {
        List<TopicPartition> known = partitions.stream()
                .filter(partition -> takeByTopic.containsKey(partition.topic()))
                .toList();
        if (known.isEmpty()) {
            return new Heard(traffic, 0, Map.of(), Map.of(), 0);
        }
        consumer.assign(known);
        long begin = System.nanoTime();
        seek(known);
        while (System.nanoTime() - begin < time.toNanos()) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                take(record);
            }
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        Map<TopicPartition, Long> ends = consumer.endOffsets(known);
        // What came meanwhile is not behind.
        long last = System.nanoTime() + GRACE.toNanos();
        while (unread(ends) > 0 && System.nanoTime() < last) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                take(record);
            }
        }
        long unread = unread(ends);
        return new Heard(traffic, seconds, ofTokens(consumer.beginningOffsets(known)), ofTokens(ends), unread);
    }

    private long unread(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream()
                .mapToLong(end -> Math.max(0, end.getValue() - consumer.position(end.getKey())))
                .sum();
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        Take take = takeByTopic.get(record.topic());
        try {
            if (take != null && record.value() != null) {
                take.accept(record);
            }
        } catch (UnreadableRecordException e) {
            traffic.onUnreadable();
        }
    }

    private void seek(List<TopicPartition> partitions) {
        consumer.endOffsets(partitions).forEach((partition, end) -> {
            consumer.seek(partition, end);
            if (partition.topic().equals(topics.control())) {
                endsAtStart.put(partition.partition(), end);
            }
        });
        Map<TopicPartition, Long> asked = new HashMap<>();
        for (TopicPartition partition : partitions) {
            if (partition.topic().equals(topics.control())) {
                asked.put(partition, clock.millis() - HEARTBEATS.toMillis());
            }
        }
        for (Map.Entry<TopicPartition, OffsetAndTimestamp> found :
                consumer.offsetsForTimes(asked).entrySet()) {
            if (found.getValue() != null) {
                consumer.seek(found.getKey(), found.getValue().offset());
            }
        }
    }

    private Map<Integer, Long> ofTokens(Map<TopicPartition, Long> offsets) {
        Map<Integer, Long> byPartition = new HashMap<>();
        offsets.forEach((partition, offset) -> {
            if (partition.topic().equals(topics.tokenEntropy())) {
                byPartition.put(partition.partition(), offset);
            }
        });
        return byPartition;
    }
}
