package io.edistream.sequences.kafka;

import io.edistream.schemas.RecordLimits;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes clients with low-latency settings. */
final class KafkaClients {

    private static final int METADATA_AGE_MILLIS = 10_000;

    private KafkaClients() {}

    /** Settings under which records arrive in the order in which they were sent, whatever has to be sent again. */
    static Map<String, Object> producerConfig(KafkaOptions options, String clientId) {
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrapServers());
        config.put(ProducerConfig.CLIENT_ID_CONFIG, clientId);
        config.put(ProducerConfig.ACKS_CONFIG, options.acks());
        boolean idempotent = options.acks().equals("all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, idempotent);
        if (!idempotent) {
            // A request that is tried again is overtaken by those in flight behind it: indices of tokens would go back.
            config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        }
        config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, options.maxBlock().toMillis());
        int deliveryMillis = Math.toIntExact(options.deliveryTimeout().toMillis());
        config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, deliveryMillis);
        // Half, so that a request that got no answer is tried once more.
        config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.max(1, deliveryMillis / 2));
        config.putAll(options.clientProperties());
        return config;
    }

    static Producer<byte[], byte[]> producer(KafkaOptions options, String clientId) {
        return new KafkaProducer<>(
                producerConfig(options, clientId), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Settings under which records arrive at once, and no more at a time than there is room for. */
    static Map<String, Object> consumerConfig(KafkaOptions options, String clientId) {
        Map<String, Object> config = new HashMap<>();
        config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrapServers());
        config.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        // The broker answers as soon as there is one byte.
        config.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
        // Each may expand to the size that the topic allows, whatever it came as.
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RecordLimits.MAX_POLL_RECORDS);
        // How soon a new partition is seen; earlier, by default, than the job's producer sees it and writes there.
        config.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, METADATA_AGE_MILLIS);
        config.putAll(options.clientProperties());
        return config;
    }

    static Consumer<byte[], byte[]> consumer(KafkaOptions options, String clientId) {
        return new KafkaConsumer<>(
                consumerConfig(options, clientId), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
