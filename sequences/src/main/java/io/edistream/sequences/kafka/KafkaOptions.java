package io.edistream.sequences.kafka;

import io.edistream.schemas.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * How to reach Kafka.
 *
 * @param bootstrapServers host:port, separated by commas
 * @param topics names of the topics
 * @param acks all, 1 or 0: what counts as sent; with all, the producer is idempotent
 * @param maxBlock how long the sender's own thread waits for a broker that cannot be reached, per record; above 0, at most a day
 * @param deliveryTimeout how long a record is tried before it counts as failed; above 0, at most a day
 * @param closeTimeout how long closing waits for queued records; at least 0
 * @param queueCapacity decode steps, or outcomes, that wait to be sent before the next one is dropped; at least 1
 * @param maxMergedSteps consecutive decode steps that are sent as one record when the sender falls behind; at least 1
 * @param clientProperties further properties of all clients, for instance for TLS; they win over the ones set here
 */
public record KafkaOptions(
        String bootstrapServers,
        Topics topics,
        String acks,
        Duration maxBlock,
        Duration deliveryTimeout,
        Duration closeTimeout,
        int queueCapacity,
        int maxMergedSteps,
        Map<String, String> clientProperties) {

    /** Kafka counts milliseconds in 32 bits. */
    private static final Duration MAX_WAIT = Duration.ofDays(1);

    private static final Set<String> ACKS = Set.of("all", "1", "0");

    /**
     * Copies the properties.
     *
     * @throws IllegalArgumentException if a component is out of its bounds
     */
    public KafkaOptions {
        clientProperties = Map.copyOf(clientProperties);
        if (!ACKS.contains(acks)) {
            throw new IllegalArgumentException("acks must be all, 1 or 0, not " + acks);
        }
        positive(maxBlock, "maximum block time");
        positive(deliveryTimeout, "delivery timeout");
        if (closeTimeout.isNegative()) {
            throw new IllegalArgumentException("close timeout must be at least 0, not " + closeTimeout);
        }
        atLeastOne(queueCapacity, "queue capacity");
        atLeastOne(maxMergedSteps, "maximum of merged steps");
    }

    /** Without the values of the properties, some of which may be secrets. */
    @Override
    public String toString() {
        return "KafkaOptions[" + bootstrapServers + ", " + topics + ", acks " + acks + ", block " + maxBlock
                + ", deliver "
                + deliveryTimeout + ", close " + closeTimeout + ", queue " + queueCapacity + ", merged "
                + maxMergedSteps
                + ", properties " + new TreeSet<>(clientProperties.keySet()) + "]";
    }

    /** Default topics, acks all, queues of 1,024, up to 64 steps per record, time-outs of a few seconds. */
    public static KafkaOptions of(String bootstrapServers) {
        return new KafkaOptions(
                bootstrapServers,
                Topics.DEFAULT,
                "all",
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                1024,
                64,
                Map.of());
    }

    /** The same with other topics. */
    public KafkaOptions withTopics(Topics newTopics) {
        return new KafkaOptions(
                bootstrapServers,
                newTopics,
                acks,
                maxBlock,
                deliveryTimeout,
                closeTimeout,
                queueCapacity,
                maxMergedSteps,
                clientProperties);
    }

    /** The same with further properties of all clients. */
    public KafkaOptions withClientProperties(Map<String, String> newClientProperties) {
        return new KafkaOptions(
                bootstrapServers,
                topics,
                acks,
                maxBlock,
                deliveryTimeout,
                closeTimeout,
                queueCapacity,
                maxMergedSteps,
                newClientProperties);
    }

    private static void positive(Duration value, String what) {
        if (value.isNegative() || value.isZero() || value.compareTo(MAX_WAIT) > 0) {
            throw new IllegalArgumentException(what + " must be above 0 and at most " + MAX_WAIT + ", not " + value);
        }
    }

    private static void atLeastOne(int value, String what) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " must be at least 1, not " + value);
        }
    }
}
