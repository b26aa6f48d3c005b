package io.edistream.jobs;

import io.edistream.jobs.source.SourceRecord;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/** Passes records on, and fails at one of them when a test asks for it; tells how far the job has come. */
final class FailOnce implements MapFunction<SourceRecord, SourceRecord>, CheckpointedFunction, CheckpointListener {

    private static final AtomicBoolean ARMED = new AtomicBoolean();
    private static volatile CompletableFuture<Void> checkpointed = new CompletableFuture<>();
    private static volatile CompletableFuture<Void> restored = new CompletableFuture<>();
    private static volatile CompletableFuture<Void> wentOn = new CompletableFuture<>();

    private boolean sawRecords;
    private boolean snapshotHasRecords;

    static void reset() {
        ARMED.set(false);
        checkpointed = new CompletableFuture<>();
        restored = new CompletableFuture<>();
        wentOn = new CompletableFuture<>();
    }

    /** Lets the next event fail its task. */
    static void arm() {
        ARMED.set(true);
    }

    /** Done when a checkpoint is complete before which events came. */
    static CompletableFuture<Void> checkpointedInMidStream() {
        return checkpointed;
    }

    /** Done when a task was restored from a checkpoint. */
    static CompletableFuture<Void> restored() {
        return restored;
    }

    /** Done when events came after the restore. */
    static CompletableFuture<Void> wentOn() {
        return wentOn;
    }

    @Override
    public SourceRecord map(SourceRecord record) {
        sawRecords = true;
        if (ARMED.compareAndSet(true, false)) {
            throw new IllegalStateException("failure on purpose");
        }
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
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        if (snapshotHasRecords) {
            checkpointed.complete(null);
        }
    }
}
