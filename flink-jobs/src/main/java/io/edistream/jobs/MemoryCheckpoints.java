package io.edistream.jobs;

import java.util.Optional;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.state.storage.JobManagerCheckpointStorage;

/**
 * Tells when checkpoints would stay in the JobManager's memory, Flink's default. It suits a trial: they are lost with
 * the JobManager, and one task's state has a limit that live sequences reach.
 *
 * <p>A reason for a warning, not for a refusal: whoever submits from outside sees the client's configuration, and the
 * cluster may have a directory of its own there.
 */
final class MemoryCheckpoints {

    /** Largest stored state of one task, MiB. */
    static final int MAX_STATE_MIB = JobManagerCheckpointStorage.DEFAULT_MAX_STATE_SIZE >> 20;

    private static final String MEMORY = "jobmanager";

    private MemoryCheckpoints() {}

    /**
     * What to tell whoever starts a job, empty if checkpoints have a better place.
     *
     * @param configuration what the job is started with, the cluster's settings included as far as they are known here
     */
    static Optional<String> warning(ReadableConfig configuration) {
        boolean memory = configuration
                .getOptional(CheckpointingOptions.CHECKPOINT_STORAGE)
                .map(MEMORY::equalsIgnoreCase)
                .orElseGet(() -> configuration
                        .getOptional(CheckpointingOptions.CHECKPOINTS_DIRECTORY)
                        .isEmpty());
        return memory
                ? Optional.of("neither --checkpoint-dir nor " + CheckpointingOptions.CHECKPOINTS_DIRECTORY.key()
                        + " in the configuration seen here names a folder for checkpoints. Unless the cluster has one"
                        + " of its own, they stay in the JobManager's memory: they are lost with it, and they fail once"
                        + " the sequences of one task take more than " + MAX_STATE_MIB
                        + " MiB, which some 10,000 live ones do; the job then restarts again and again")
                : Optional.empty();
    }
}
