package io.edistream.benchmarks.million;

import io.edistream.benchmarks.Clients;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** How far a job has come, by its heartbeats. */
final class Progress implements AutoCloseable {

    private final Consumer<byte[], byte[]> control;
    private final RecordCodec<Heartbeat> heartbeats = RecordCodec.of(Heartbeat.class);
    private final Map<Integer, Long> nextOffsets = new HashMap<>();

    Progress(Clients clients, Topics topics, int partitions) {
        this.control = clients.consumer(topics.control());
        List<TopicPartition> all = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topics.control(), partition))
                .toList();
        control.assign(all);
        control.seekToBeginning(all);
    }

    /** Records of token-entropy that it said to have processed, all partitions together. */
    long processed() throws UnreadableRecordException {
        for (ConsumerRecord<byte[], byte[]> record : control.poll(Duration.ZERO)) {
            if (heartbeats.claims(record.value())) {
                heartbeats
                        .decode(record.value())
                        .getPositions()
                        .forEach(position ->
                                nextOffsets.merge(position.getPartition(), position.getNextOffset(), Math::max));
            }
        }
        return nextOffsets.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public void close() {
        control.close();
    }
}
