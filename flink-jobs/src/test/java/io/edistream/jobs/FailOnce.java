package io.edistream.jobs;

import io.edistream.jobs.source.SourceRecord;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Passes records on, and fails at one of them when a test asks for it; tells how far the job has come. One job at a time.
 */
public final class FailOnce
        implements MapFunction<SourceRecord, SourceRecord>, CheckpointedFunction, CheckpointListener {

    private static final AtomicBoolean ARMED = new AtomicBoolean();
    private static volatile CompletableFuture<Void> checkpointed = new CompletableFuture<>();
    private static volatile CompletableFuture<Void> restored = new CompletableFuture<>();
    private static volatile CompletableFuture<Void> wentOn = new CompletableFuture<>();

    /** Records of all tasks. */
    private static final AtomicInteger SEEN = new AtomicInteger();

    private static final AtomicInteger CHECKPOINTED = new AtomicInteger();

    private boolean sawRecords;
    private boolean snapshotHasRecords;
    private int seenAtSnapshot;

    /** The records of a topic by way of this, in a job that is restored at once when it fails. */
    public static DataStream<SourceRecord> source(
            StreamExecutionEnvironment environment, KafkaOptions options, int maxRestarts) {
        Configuration restarts = new Configuration();
        restarts.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        restarts.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, maxRestarts);
        restarts.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ZERO);
        environment.configure(restarts);
        reset();
        return environment
                .fromSource(
                        KafkaEnds.source(options), WatermarkStrategy.noWatermarks(), "token-entropy", SourceRecord.TYPE)
                .uid("token-entropy")
                .map(new FailOnce())
                .returns(SourceRecord.TYPE)
                .uid("fail-once");
    }

    private static void reset() {
        ARMED.set(false);
        SEEN.set(0);
        CHECKPOINTED.set(0);
        checkpointed = new CompletableFuture<>();
        restored = new CompletableFuture<>();
        wentOn = new CompletableFuture<>();
    }

    /** Lets the next record fail its task. */
    public static void arm() {
        ARMED.set(true);
    }

    /** Done when a checkpoint is complete before which records came. */
    public static CompletableFuture<Void> checkpointedInMidStream() {
        return checkpointed;
    }

    /** Done when a task was restored from a checkpoint. */
    public static CompletableFuture<Void> restored() {
        return restored;
    }

    /** Done when records came after the restore. */
    public static CompletableFuture<Void> wentOn() {
        return wentOn;
    }

    /** How many records of the only task came before the newest checkpoint that is complete. */
    public static int checkpointed() {
        return CHECKPOINTED.get();
    }

    @Override
    public SourceRecord map(SourceRecord record) {
        sawRecords = true;
        if (ARMED.compareAndSet(true, false)) {
            throw new IllegalStateException("failure on purpose");
        }
        SEEN.incrementAndGet();
        if (restored.isDone()) {
            wentOn.complete(null);
        }
        return record;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {
        if (context.isRestored()) {
            restored.complete(null);
        }
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
        snapshotHasRecords = sawRecords;
        seenAtSnapshot = SEEN.get();
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        if (snapshotHasRecords) {
            checkpointed.complete(null);
            CHECKPOINTED.set(seenAtSnapshot);
        }
    }
}
