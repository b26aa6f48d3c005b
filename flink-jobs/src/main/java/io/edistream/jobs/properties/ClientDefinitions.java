package io.edistream.jobs.properties;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/** What Kafka's own clients know of their properties. */
final class ClientDefinitions {

    /** One for each kind of client. */
    static final List<ConfigDef> ALL =
            List.of(ConsumerConfig.configDef(), ProducerConfig.configDef(), AdminClientConfig.configDef());

    private ClientDefinitions() {}

    /** Every name that one of the clients knows. */
    static Set<String> names() {
        Set<String> names = new TreeSet<>();
        ALL.forEach(definition -> names.addAll(definition.names()));
        return names;
    }

    /** Whether Kafka itself hides the value of such a property. */
    static boolean isSecret(String name) {
        return ALL.stream()
                .map(definition -> definition.configKeys().get(name))
                .anyMatch(key -> key != null && key.type == ConfigDef.Type.PASSWORD);
    }
}
