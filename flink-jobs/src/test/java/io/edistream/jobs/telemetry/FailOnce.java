package io.edistream.jobs.telemetry;

import io.edistream.jobs.source.SourceRecord;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/** Passes records on, fails at one of them when a test asks for it, and tells which of them a checkpoint has. One task. */
final class FailOnce implements MapFunction<SourceRecord, SourceRecord>, CheckpointedFunction, CheckpointListener {

    private static final AtomicBoolean ARMED = new AtomicBoolean();
    private static final AtomicInteger SEEN = new AtomicInteger();
    private static final AtomicInteger CHECKPOINTED = new AtomicInteger();
    private static final AtomicInteger RESTORED = new AtomicInteger();

    private int inSnapshot;

    static void reset() {
        ARMED.set(false);
        SEEN.set(0);
        CHECKPOINTED.set(0);
        RESTORED.set(0);
    }

    /** Lets the next record fail its task. */
    static void arm() {
        ARMED.set(true);
    }

    /** How many records came before the newest checkpoint that is complete. */
    static int checkpointed() {
        return CHECKPOINTED.get();
    }

    static boolean wasRestored() {
        return RESTORED.get() > 0;
    }

    @Override
    public SourceRecord map(SourceRecord record) {
        if (ARMED.compareAndSet(true, false)) {
            throw new IllegalStateException("failure on purpose");
        }
        SEEN.incrementAndGet();
        return record;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {
        if (context.isRestored()) {
            RESTORED.incrementAndGet();
        }
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
        inSnapshot = SEEN.get();
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        CHECKPOINTED.set(inSnapshot);
    }
}
