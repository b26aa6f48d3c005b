package io.edistream.jobs;

import io.edistream.jobs.sequences.SequenceSettings;

/**
 * Everything that can be chosen about the job.
 *
 * @param kafka its topics
 * @param sequences how sequences are watched
 * @param runtime how Flink runs it
 */
public record JobOptions(KafkaOptions kafka, SequenceSettings sequences, RuntimeOptions runtime) {}
