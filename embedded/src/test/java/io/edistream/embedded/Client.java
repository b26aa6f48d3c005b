package io.edistream.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Plain Kafka clients for text. */
final class Client {

    private Client() {}

    static KafkaProducer<String, String> producer(EmbeddedKafka kafka) {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        kafka.bootstrapServers(),
                        ProducerConfig.LINGER_MS_CONFIG,
                        0),
                new StringSerializer(),
                new StringSerializer());
    }

    static KafkaConsumer<String, String> consumer(EmbeddedKafka kafka, String group, String topic) {
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        kafka.bootstrapServers(),
                        ConsumerConfig.GROUP_ID_CONFIG,
                        group,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
        consumer.subscribe(List.of(topic));
        return consumer;
    }

    static void send(EmbeddedKafka kafka, String topic, String... values) {
        try (KafkaProducer<String, String> producer = producer(kafka)) {
            for (String value : values) {
                Waiting.get(
                        producer.send(new ProducerRecord<>(topic, value)),
                        Waiting.LIMIT,
                        "sending " + value.getBytes(UTF_8).length + " bytes");
            }
        }
    }

    /** The first values of a topic. */
    static List<String> read(EmbeddedKafka kafka, String group, String topic, int count) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = consumer(kafka, group, topic)) {
            Waiting.until(
                    () -> {
                        consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
                        return values.size() >= count;
                    },
                    Waiting.LIMIT,
                    () -> "only " + values + " arrived of " + count + " records");
        }
        return values;
    }
}
