package io.edistream.embedded;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ClusterOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RpcOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;

/** What the embedded cluster sets, and why it differs from Flink's own defaults. */
final class FlinkSettings {

    /** Buffers are allocated outside the heap at the start, whether used or not. */
    private static final int NETWORK_BASE_MIB = 16;

    private static final int NETWORK_MIB_PER_SLOT = 8;

    private FlinkSettings() {}

    static Configuration of(int slots, Path directory) {
        Configuration settings = new Configuration();
        settings.set(CoreOptions.DEFAULT_PARALLELISM, slots);
        lowLatency(settings);
        loopbackOnly(settings);
        filesIn(directory, settings);
        smallMemory(slots, settings);
        patience(settings);
        return settings;
    }

    /** A record that waits for its buffer to fill waits up to 100 ms at every shuffle, for tens of tokens. */
    private static void lowLatency(Configuration settings) {
        settings.set(ExecutionOptions.BUFFER_TIMEOUT_ENABLED, true);
        settings.set(ExecutionOptions.BUFFER_TIMEOUT, Duration.ZERO);
    }

    private static void loopbackOnly(Configuration settings) {
        settings.set(RestOptions.ADDRESS, LoopbackPort.HOST);
        settings.set(RestOptions.BIND_ADDRESS, LoopbackPort.HOST);
        settings.set(RestOptions.BIND_PORT, "0");
        settings.set(JobManagerOptions.ADDRESS, LoopbackPort.HOST);
        settings.set(JobManagerOptions.BIND_HOST, LoopbackPort.HOST);
        settings.set(TaskManagerOptions.HOST, LoopbackPort.HOST);
        settings.set(TaskManagerOptions.BIND_HOST, LoopbackPort.HOST);
    }

    private static void filesIn(Path directory, Configuration settings) {
        String path = directory.toString();
        settings.set(CoreOptions.TMP_DIRS, path);
        settings.set(ClusterOptions.PROCESS_WORKING_DIR_BASE, path);
        settings.set(BlobServerOptions.STORAGE_DIRECTORY, path);
        settings.set(WebOptions.TMP_DIR, path);
        settings.set(WebOptions.UPLOAD_DIR, path);
        settings.set(StateBackendOptions.STATE_BACKEND, "hashmap");
        settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                directory.resolve("checkpoints").toUri().toString());
        settings.set(
                CheckpointingOptions.SAVEPOINT_DIRECTORY,
                directory.resolve("savepoints").toUri().toString());
    }

    private static void smallMemory(int slots, Configuration settings) {
        MemorySize network = MemorySize.ofMebiBytes(NETWORK_BASE_MIB + (long) NETWORK_MIB_PER_SLOT * slots);
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MIN, network);
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MAX, network);
        // Only RocksDB, Python and batch sorts use managed memory.
        settings.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ZERO);
    }

    /** Both ends live in one JVM: an answer that is late means a busy machine and never a dead partner. */
    private static void patience(Configuration settings) {
        settings.set(RpcOptions.ASK_TIMEOUT_DURATION, Waiting.LIMIT);
        settings.set(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT, Duration.ofMinutes(5));
        // Too few slots never become more: say so soon.
        settings.set(JobManagerOptions.SLOT_REQUEST_TIMEOUT, Duration.ofSeconds(20));
    }
}
