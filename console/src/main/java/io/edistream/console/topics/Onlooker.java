package io.edistream.console.topics;

import io.edistream.schemas.RecordLimits;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads topics without anybody noticing: in no group, committing nothing, creating nothing. */
public final class Onlooker {

    private Onlooker() {}

    /**
     * A consumer without partitions.
     *
     * @param servers brokers, {@code host:port} separated by commas
     * @param properties further properties, for instance for TLS
     * @throws org.apache.kafka.common.KafkaException if a property is wrong
     */
    public static Consumer<byte[], byte[]> consumer(String servers, Map<String, String> properties) {
        Map<String, Object> settings = new HashMap<>(properties);
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RecordLimits.MAX_POLL_RECORDS);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
