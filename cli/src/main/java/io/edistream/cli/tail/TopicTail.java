package io.edistream.cli.tail;

import io.edistream.console.topics.Beginning;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the partitions of a topic: up to their ends as they are at the start, or on and on. It joins no group and commits
 * nothing, so that nobody else notices.
 *
 * <p>Who reads on and falls behind what is written, because whoever takes the lines is slow, is told how many records were
 * left out and goes on at the end. What was there at the start is not left out.
 */
final class TopicTail {

    private static final Duration POLL = Duration.ofMillis(100);

    /** Takes records. */
    interface Listener {

        /**
         * Takes one.
         *
         * @return whether more are wanted
         */
        boolean onRecord(ConsumerRecord<byte[], byte[]> record);

        /** No record waits to be taken. */
        void onIdle();

        /** So many records were passed over, since this reader was too far behind. */
        void onLeftOut(long records);
    }

    private final Consumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final Listener listener;

    TopicTail(Consumer<byte[], byte[]> consumer, List<TopicPartition> partitions, Listener listener) {
        this.consumer = consumer;
        this.partitions = List.copyOf(partitions);
        this.listener = listener;
    }

    /** Reads up to the ends of the partitions as they are now. */
    void readToEnd(Beginning from) {
        Map<TopicPartition, Long> ends = from.assign(consumer, partitions);
        Set<TopicPartition> open = new HashSet<>(partitions);
        closeRead(open, ends);
        while (!open.isEmpty()) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                long end = ends.getOrDefault(new TopicPartition(record.topic(), record.partition()), 0L);
                if (record.offset() < end && !listener.onRecord(record)) {
                    return;
                }
            }
            listener.onIdle();
            closeRead(open, ends);
        }
    }

    private void closeRead(Set<TopicPartition> open, Map<TopicPartition, Long> ends) {
        for (TopicPartition partition : List.copyOf(open)) {
            if (consumer.position(partition) >= ends.getOrDefault(partition, 0L)) {
                open.remove(partition);
                consumer.pause(List.of(partition));
            }
        }
    }

    /**
     * Reads until no more are wanted.
     *
     * @param maxBehind records that this reader may be behind before it leaves them out, at least 1
     */
    void follow(Beginning from, long maxBehind) {
        Map<TopicPartition, Long> ends = from.assign(consumer, partitions);
        Set<TopicPartition> live = new HashSet<>();
        while (true) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (!listener.onRecord(record)) {
                    return;
                }
            }
            listener.onIdle();
            for (TopicPartition partition : partitions) {
                if (consumer.position(partition) >= ends.getOrDefault(partition, 0L)) {
                    live.add(partition);
                }
            }
            long leftOut = catchUp(live, maxBehind);
            if (leftOut > 0) {
                listener.onLeftOut(leftOut);
            }
        }
    }

    private long catchUp(Set<TopicPartition> live, long maxBehind) {
        long behind = 0;
        for (TopicPartition partition : live) {
            OptionalLong lag = consumer.currentLag(partition);
            behind += lag.orElse(0);
        }
        if (behind <= maxBehind) {
            return 0;
        }
        long leftOut = 0;
        for (Map.Entry<TopicPartition, Long> end : consumer.endOffsets(live).entrySet()) {
            leftOut += Math.max(0, end.getValue() - consumer.position(end.getKey()));
            consumer.seek(end.getKey(), end.getValue());
        }
        return leftOut;
    }
}
