package io.edistream.jobs.telemetry;

import org.jspecify.annotations.Nullable;

/** A final score in a checkpoint, which Kafka had not acknowledged by then. */
public final class KeptRecord {

    private final byte @Nullable [] key;
    private final byte[] value;

    /**
     * @param key key of the record, not to be changed
     * @param value the record, not to be changed
     */
    KeptRecord(byte @Nullable [] key, byte[] value) {
        this.key = key;
        this.value = value;
    }

    byte @Nullable [] key() {
        return key;
    }

    byte[] value() {
        return value;
    }
}
