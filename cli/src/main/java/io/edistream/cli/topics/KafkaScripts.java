package io.edistream.cli.topics;

import io.edistream.schemas.TopicSettings;
import java.util.Optional;

/**
 * Command lines of Kafka's own scripts, for a Unix shell.
 *
 * @param bootstrapServers brokers
 * @param replicationFactor copies of each partition; empty for the broker's default
 * @param withProperties whether the client needs further properties, which a file must give to a script
 */
record KafkaScripts(String bootstrapServers, Optional<Short> replicationFactor, boolean withProperties) {

    /** Creates a topic unless it exists. */
    String create(TopicSettings topic) {
        StringBuilder line = new StringBuilder("kafka-topics.sh --bootstrap-server ").append(bootstrapServers);
        if (withProperties) {
            line.append(" --command-config client.properties");
        }
        line.append(" --create --if-not-exists --topic ").append(topic.name());
        line.append(" --partitions ").append(topic.partitions());
        replicationFactor.ifPresent(
                factor -> line.append(" --replication-factor ").append(factor));
        topic.settings()
                .forEach((name, value) ->
                        line.append(" --config ").append(name).append('=').append(value));
        return line.toString();
    }
}
