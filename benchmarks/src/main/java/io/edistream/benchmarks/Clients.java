package io.edistream.benchmarks;

import io.edistream.schemas.RecordLimits;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Kafka clients with the settings that the job's own have, so that no side is favoured. */
public final class Clients {

    private final String bootstrapServers;

    /**
     * @param bootstrapServers the broker, {@code host:port}
     */
    public Clients(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    /** Where the broker is, {@code host:port}. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** A producer that sends at once. */
    public Sender sender() {
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        return new Sender(new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer()));
    }

    /** A consumer of the only partition of a topic, without a group, at its first record. */
    public Consumer<byte[], byte[]> consumer(String topic) {
        Map<String, Object> config = new HashMap<>();
        config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RecordLimits.MAX_POLL_RECORDS);
        Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.assign(List.of(partition(topic)));
        return consumer;
    }

    /** The only partition of a topic. */
    public static TopicPartition partition(String topic) {
        return new TopicPartition(topic, 0);
    }

    /** A producer whose failures are remembered instead of lost. */
    public static final class Sender implements AutoCloseable {

        private final Producer<byte[], byte[]> producer;
        private volatile Optional<Exception> failure = Optional.empty();

        Sender(Producer<byte[], byte[]> producer) {
            this.producer = producer;
        }

        /** Sends a record without waiting for its arrival. */
        public void send(String topic, byte[] key, byte[] value) {
            var unused = producer.send(new ProducerRecord<>(topic, key, value), (metadata, e) -> {
                if (e != null) {
                    failure = Optional.of(e);
                }
            });
        }

        /**
         * Returns when everything that was sent has arrived.
         *
         * @throws IllegalStateException if something has not
         */
        public void flush() {
            producer.flush();
            failure.ifPresent(e -> {
                throw new IllegalStateException("a record was not accepted: " + e.getMessage(), e);
            });
        }

        @Override
        public void close() {
            producer.close();
        }
    }
}
