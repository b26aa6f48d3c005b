package io.edistream.jobs.watch;

/**
 * A record in Kafka.
 *
 * @param partition its partition
 * @param offset its offset in the partition
 */
public record Origin(int partition, long offset) {}
