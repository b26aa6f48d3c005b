package io.edistream.jobs;

import io.edistream.jobs.sequences.JobIdentity;
import io.edistream.jobs.watch.WatchSettings;

/**
 * Everything that can be chosen about the job.
 *
 * @param kafka its topics
 * @param job who the job is
 * @param watch how sequences are watched
 * @param runtime how Flink runs it
 */
public record JobOptions(KafkaOptions kafka, JobIdentity job, WatchSettings watch, RuntimeOptions runtime) {}
