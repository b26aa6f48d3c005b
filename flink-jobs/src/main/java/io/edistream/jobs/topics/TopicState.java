package io.edistream.jobs.topics;

import io.edistream.schemas.RecordLimits;
import java.util.Map;
import java.util.Optional;

/**
 * What a cluster says of a topic.
 *
 * @param name its full name
 * @param presence whether it exists
 * @param partitions how many, 0 unless it exists
 * @param replicas copies of its first partition, 0 unless it exists
 * @param settings Kafka's topic settings by name; empty unless it exists and the user may see them
 */
public record TopicState(
        String name, Presence presence, int partitions, int replicas, Optional<Map<String, String>> settings) {

    /** Whether a topic exists. */
    public enum Presence {
        /** It does. */
        EXISTS,
        /** It does not. */
        MISSING,
        /** The user has no right to know. */
        HIDDEN
    }

    static TopicState absent(String name, Presence presence) {
        return new TopicState(name, presence, 0, 0, Optional.empty());
    }

    /** Whether it exists. */
    public boolean exists() {
        return presence == Presence.EXISTS;
    }

    /** Whether it is known to take records that expand to more than readers have room for. */
    public boolean lacksGuard() {
        return settings.isPresent() && limit(settings.get()) > RecordLimits.MAX_RECORD_BYTES;
    }

    /** Brokers before 4.2 do not know the setting, and have no limit. */
    private static long limit(Map<String, String> settings) {
        String limit = settings.get(RecordLimits.SETTING);
        return limit == null ? Long.MAX_VALUE : Long.parseLong(limit);
    }
}
