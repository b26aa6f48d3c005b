package io.edistream.console.topics;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/**
 * Where to begin to read.
 *
 * @param place the first record that is kept, the end, or a time
 * @param epochMillis the time by the stamps of the records, of {@link Place#TIME} alone
 */
public record Beginning(Place place, OptionalLong epochMillis) {

    /** Kinds of beginnings. */
    public enum Place {
        /** At the first record that is kept. */
        EARLIEST,
        /** At records that are yet to come. */
        LATEST,
        /** At the first record of that time or later. */
        TIME
    }

    /** The first record that is kept. */
    public static final Beginning EARLIEST = new Beginning(Place.EARLIEST, OptionalLong.empty());
    /** The end. */
    public static final Beginning LATEST = new Beginning(Place.LATEST, OptionalLong.empty());

    /** The first record of a time, milliseconds since 1970-01-01 UTC; Kafka has none before that. */
    public static Beginning at(long epochMillis) {
        return new Beginning(Place.TIME, OptionalLong.of(Math.max(0, epochMillis)));
    }

    /**
     * Assigns the partitions, and no others, to the consumer, so that it reads from here on.
     *
     * @return where the partitions end
     */
    public Map<TopicPartition, Long> assign(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        consumer.assign(partitions);
        return seek(consumer, partitions);
    }

    /**
     * Lets a consumer go on from here in some of its partitions.
     *
     * @return where these partitions end
     */
    public Map<TopicPartition, Long> seek(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
        switch (place) {
            case EARLIEST -> consumer.seekToBeginning(partitions);
            case LATEST -> ends.forEach(consumer::seek);
            case TIME -> seekToTime(consumer, epochMillis.orElseThrow(), ends);
        }
        return ends;
    }

    private static void seekToTime(Consumer<?, ?> consumer, long epochMillis, Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Long> asked = new HashMap<>();
        ends.keySet().forEach(partition -> asked.put(partition, epochMillis));
        Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(asked);
        ends.forEach((partition, end) -> {
            OffsetAndTimestamp start = found.get(partition);
            consumer.seek(partition, start == null ? end : start.offset());
        });
    }
}
