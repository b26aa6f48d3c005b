package io.edistream.jobs.properties;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;

/** Properties with their secrets in place, to look at and to forget: never stored, sent or printed. */
final class ResolvedProperties {

    private ResolvedProperties() {}

    /**
     * What Kafka's clients make of them.
     *
     * @throws org.apache.kafka.common.config.ConfigException if a provider is not allowed or a file cannot be read
     */
    static Map<String, String> of(Map<String, String> properties) {
        Map<String, String> resolved = new LinkedHashMap<>();
        new AbstractConfig(new ConfigDef(), properties, Map.of(), false)
                .originals()
                .forEach((name, value) -> resolved.put(name, String.valueOf(value)));
        return resolved;
    }
}
