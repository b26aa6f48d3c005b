package io.edistream.jobs;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.CheckpointingMode;

/**
 * How Flink runs the job.
 *
 * @param parallelism tasks per operator, 1 to {@value #MAX_PARALLELISM}
 * @param checkpointInterval time between two checkpoints, at least 10 ms
 * @param checkpointDirectory where checkpoints are stored; without one they go where the cluster stores its own, by Flink's
 *     default the JobManager's memory, see {@link MemoryCheckpoints}
 */
public record RuntimeOptions(int parallelism, Duration checkpointInterval, Optional<URI> checkpointDirectory) {

    /**
     * The largest parallelism; a savepoint can be restored with any up to it. It has many divisors, so that key groups can
     * be dealt out evenly, and may never change: a savepoint cannot be read with another.
     */
    public static final int MAX_PARALLELISM = 720;

    /** Time between two checkpoints. */
    public static final Duration DEFAULT_CHECKPOINT_INTERVAL = Duration.ofSeconds(10);

    /**
     * Checkpoints in a row that may fail without a restart of the job: with the default interval a storage that is away
     * for most of a minute. A restart repairs no storage, but it makes known that there is none.
     */
    public static final int TOLERABLE_FAILED_CHECKPOINTS = 5;

    private static final Duration MIN_CHECKPOINT_INTERVAL = Duration.ofMillis(10);

    /** One task per operator, a checkpoint every 10 seconds, kept where the cluster keeps its own. */
    public static final RuntimeOptions DEFAULT = new RuntimeOptions(1, DEFAULT_CHECKPOINT_INTERVAL, Optional.empty());

    /**
     * @throws IllegalArgumentException if a bound is violated; the message names it
     */
    public RuntimeOptions {
        if (parallelism < 1 || parallelism > MAX_PARALLELISM) {
            throw new IllegalArgumentException("parallelism " + parallelism + ": must be 1 to " + MAX_PARALLELISM);
        }
        if (checkpointInterval.compareTo(MIN_CHECKPOINT_INTERVAL) < 0) {
            throw new IllegalArgumentException(
                    "checkpoint interval " + checkpointInterval + ": must be at least " + MIN_CHECKPOINT_INTERVAL);
        }
    }

    /** The settings as Flink takes them. */
    public Configuration configuration() {
        Configuration configuration = new Configuration();
        configuration.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
        configuration.set(PipelineOptions.MAX_PARALLELISM, MAX_PARALLELISM);
        // A command that waits for a full buffer comes too late.
        configuration.set(ExecutionOptions.BUFFER_TIMEOUT, Duration.ZERO);
        // Fails at the start if any type would fall back to Kryo.
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, checkpointInterval);
        configuration.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE);
        configuration.set(CheckpointingOptions.ENABLE_UNALIGNED, false);
        configuration.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, TOLERABLE_FAILED_CHECKPOINTS);
        checkpointDirectory.ifPresent(directory -> {
            configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
            configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, directory.toString());
            configuration.set(
                    CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                    ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        });
        return configuration;
    }
}
