package io.edistream.jobs;

import io.edistream.schemas.Topics;
import java.util.Map;
import java.util.TreeSet;

/**
 * Where the job's topics are, and where it starts to read.
 *
 * @param bootstrapServers brokers, {@code host:port} separated by commas
 * @param topics names of the topics
 * @param groupId consumer group under which offsets are committed
 * @param startFrom where to start without restored state
 * @param properties further properties of every Kafka client, for instance for TLS and SASL
 */
public record KafkaOptions(
        String bootstrapServers, Topics topics, String groupId, StartFrom startFrom, Map<String, String> properties) {

    /** The default consumer group. */
    public static final String DEFAULT_GROUP_ID = "edistream-jobs";

    /** Where to start to read if there is no state to restore. */
    public enum StartFrom {
        /** After what the group committed last, or at the earliest record if it never did. */
        COMMITTED,
        /** At the earliest record that is kept. */
        EARLIEST,
        /** At records that are yet to come; sequences that run are then unknown. */
        LATEST
    }

    /**
     * @throws IllegalArgumentException if there is no broker or no group
     */
    public KafkaOptions {
        checkedServers(bootstrapServers);
        if (groupId.isBlank()) {
            throw new IllegalArgumentException("group id '" + groupId + "': must not be blank");
        }
        properties = Map.copyOf(properties);
    }

    /** Without the values of the properties, some of which may be secrets. */
    @Override
    public String toString() {
        return "KafkaOptions[" + bootstrapServers + ", " + topics + ", group " + groupId + ", from " + startFrom
                + ", properties " + new TreeSet<>(properties.keySet()) + "]";
    }

    /** The defaults: all topics under the default prefix, from the committed offsets on. */
    public static KafkaOptions of(String bootstrapServers) {
        return new KafkaOptions(bootstrapServers, Topics.DEFAULT, DEFAULT_GROUP_ID, StartFrom.COMMITTED, Map.of());
    }

    /**
     * The same brokers.
     *
     * @throws IllegalArgumentException if they are not {@code host:port}, separated by commas
     */
    static String checkedServers(String servers) {
        if (!servers.matches("[^,\\s]+:\\d+(,[^,\\s]+:\\d+)*")) {
            throw new IllegalArgumentException(
                    "--bootstrap-servers '" + servers + "': must be host:port, several separated by commas");
        }
        return servers;
    }
}
