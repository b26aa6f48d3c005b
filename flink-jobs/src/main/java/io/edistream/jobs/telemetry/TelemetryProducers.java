package io.edistream.jobs.telemetry;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Clients for telemetry. They give up soon, since what could not be sent is still in the outbox, and are not idempotent:
 * copies are allowed, and an idempotent client needs rights and has errors after which it never sends again.
 *
 * @param bootstrapServers brokers, {@code host:port} separated by commas
 * @param properties further properties, which go before the job's own
 */
record TelemetryProducers(String bootstrapServers, Map<String, String> properties) implements ProducerFactory {

    private static final long DELIVERY_MILLIS = 10_000;

    private static final Map<String, String> OWN = Map.ofEntries(
            // Nobody waits for telemetry, and a request for many costs little more than one for one.
            Map.entry(ProducerConfig.LINGER_MS_CONFIG, "5"),
            Map.entry(ProducerConfig.BATCH_SIZE_CONFIG, String.valueOf(128 << 10)),
            Map.entry(ProducerConfig.BUFFER_MEMORY_CONFIG, String.valueOf(16 << 20)),
            Map.entry(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "false"),
            Map.entry(ProducerConfig.ACKS_CONFIG, "all"),
            // What is sent again must not overtake what was sent before.
            Map.entry(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1"),
            Map.entry(ProducerConfig.MAX_BLOCK_MS_CONFIG, "5000"),
            Map.entry(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "5000"),
            // The client logs every answer that lacks the topic.
            Map.entry(ProducerConfig.RETRY_BACKOFF_MAX_MS_CONFIG, "5000"));

    TelemetryProducers {
        properties = Map.copyOf(properties);
    }

    /** Without the values of the properties, some of which may be secrets. */
    @Override
    public String toString() {
        return "TelemetryProducers[" + bootstrapServers + ", properties " + new TreeSet<>(properties.keySet()) + "]";
    }

    @Override
    public Producer<byte[], byte[]> open() {
        return new KafkaProducer<>(settings(), new ByteArraySerializer(), new ByteArraySerializer());
    }

    Map<String, Object> settings() {
        Map<String, Object> settings = new HashMap<>(OWN);
        settings.putAll(properties);
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        // Kafka refuses a limit for delivery below what a user may have set for its parts.
        settings.computeIfAbsent(
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                missing -> String.valueOf(Math.max(
                        DELIVERY_MILLIS,
                        millis(settings, ProducerConfig.LINGER_MS_CONFIG)
                                + millis(settings, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG))));
        return settings;
    }

    private static long millis(Map<String, Object> settings, String name) {
        try {
            return Long.parseLong(String.valueOf(settings.get(name)).strip());
        } catch (NumberFormatException e) {
            // The client says so better.
            return 0;
        }
    }
}
