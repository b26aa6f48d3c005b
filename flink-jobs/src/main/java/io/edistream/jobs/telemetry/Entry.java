package io.edistream.jobs.telemetry;

import org.jspecify.annotations.Nullable;

/** A record that Kafka has not acknowledged; compared by identity. */
final class Entry {

    /** What a record takes beside key and value, roughly. */
    static final int OVERHEAD_BYTES = 64;

    private final long number;
    private final RecordKind kind;
    private final byte @Nullable [] key;
    private final byte[] value;

    /**
     * @param number place in the order in which the job wrote
     * @param value not to be changed
     */
    Entry(long number, RecordKind kind, byte @Nullable [] key, byte[] value) {
        this.number = number;
        this.kind = kind;
        this.key = key;
        this.value = value;
    }

    long number() {
        return number;
    }

    RecordKind kind() {
        return kind;
    }

    byte @Nullable [] key() {
        return key;
    }

    byte[] value() {
        return value;
    }

    long size() {
        return (long) OVERHEAD_BYTES + (key == null ? 0 : key.length) + value.length;
    }
}
