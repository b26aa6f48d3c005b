package io.edistream.jobs.telemetry;

import java.io.Serializable;

/**
 * How much may wait for Kafka, what was sent and not acknowledged included.
 *
 * @param bytes keys and values, and {@value Entry#OVERHEAD_BYTES} bytes more for each record
 * @param records number of records
 */
public record OutboxLimits(long bytes, int records) implements Serializable {

    /** For scores: 32 MiB of each task, which are some 80,000 final scores with the default scoring. */
    public static final OutboxLimits SCORES = new OutboxLimits(32L << 20, 1 << 18);

    /** For what may be dropped without harm: 8 MiB of each task. */
    public static final OutboxLimits DROPPABLE = new OutboxLimits(8L << 20, 1 << 15);

    /** For signs of life, of which an old one is worth nothing. */
    public static final OutboxLimits HEARTBEATS = new OutboxLimits(1L << 20, 4);

    /**
     * @throws IllegalArgumentException if nothing could wait
     */
    public OutboxLimits {
        if (bytes < 1 || records < 1) {
            throw new IllegalArgumentException(
                    "limits of " + bytes + " bytes and " + records + " records: both must be at least 1");
        }
    }
}
