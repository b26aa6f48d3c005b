package io.edistream.schemas;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How one topic is to be created.
 *
 * @param name its full name
 * @param partitions how many, at least 1
 * @param settings Kafka's topic settings by name, in the order in which they are shown
 * @param reason why it is so, in a sentence for operators
 */
public record TopicSettings(String name, int partitions, Map<String, String> settings, String reason) {

    /** Copies the settings, in their order. */
    public TopicSettings {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }
}
