package io.edistream.embedded;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A reader with a small heap, a process of its own: counts the records of a partition up to its end. */
final class CountRecords {

    private CountRecords() {}

    /** Arguments: brokers, topic, {@code max.poll.records}. Ends with 1 if it runs out of memory. */
    public static void main(String[] arguments) {
        TopicPartition partition = new TopicPartition(arguments[1], 0);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        arguments[0],
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        arguments[2]),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            long read = 0;
            while (consumer.position(partition) < end) {
                read += consumer.poll(Duration.ofSeconds(1)).count();
            }
            System.out.println(read + " records");
        }
    }
}
