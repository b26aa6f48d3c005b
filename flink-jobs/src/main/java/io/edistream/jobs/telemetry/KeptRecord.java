package io.edistream.jobs.telemetry;

import org.jspecify.annotations.Nullable;

/**
 * A final score in a checkpoint, which Kafka had not acknowledged by then.
 *
 * @param key key of the record, not to be changed
 * @param value the record, not to be changed
 */
public record KeptRecord(byte @Nullable [] key, byte[] value) {}
