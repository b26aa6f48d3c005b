package io.edistream.jobs.telemetry;

import io.edistream.schemas.RecordCodec;
import java.time.Clock;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One task's end of a {@link TelemetrySink}: puts records into an {@link Outbox}, which a thread of its own empties. What
 * goes wrong there never reaches the task.
 *
 * @param <T> the records
 */
final class TelemetryWriter<T extends SpecificRecordBase> implements StatefulSinkWriter<T, KeptRecord> {

    private static final Logger LOG = LoggerFactory.getLogger(TelemetryWriter.class);
    private static final String GROUP = "edistream";

    /** How long the end of a job that ends by itself waits for final scores, and for the rest. */
    private static final long KEPT_MILLIS = 5_000;

    private static final long DROPPABLE_MILLIS = 1_000;

    /** How long closing waits for the thread, so that it does not outlive the classes that it uses. */
    private static final long THREAD_MILLIS = 1_000;

    private final TelemetryTopic<T> topic;
    private final RecordCodec<T> codec;
    private final Map<RecordKind, Counter> dropped = new EnumMap<>(RecordKind.class);
    private final Troubles troubles;
    private final Outbox outbox;
    private final Sender sender;
    private final Thread thread;
    private boolean ended;

    /**
     * @param restored final scores of a checkpoint
     * @param metrics the operator's metrics
     * @param classLoader that of the job
     */
    TelemetryWriter(
            TelemetryTopic<T> topic,
            ProducerFactory producers,
            Collection<KeptRecord> restored,
            MetricGroup metrics,
            ClassLoader classLoader,
            Clock clock) {
        this.topic = topic;
        codec = RecordCodec.of(topic.type());
        MetricGroup group = metrics.addGroup(GROUP).addGroup("topic", topic.name());
        for (RecordKind kind : topic.kinds()) {
            // Counted on Kafka's thread too.
            dropped.put(
                    kind,
                    group.addGroup("kind", kind.label())
                            .counter("telemetry_dropped_total", new ThreadSafeSimpleCounter()));
        }
        troubles = new Troubles(topic.name(), clock, LOG::warn, LOG::info);
        outbox = new Outbox(topic.limits(), this::full, this::lost);
        outbox.restore(restored);
        sender = new Sender(topic.name(), topic.everyPartition(), producers, outbox, troubles, clock);
        thread = new Thread(sender, "telemetry-" + topic.name());
        thread.setDaemon(true);
        thread.setContextClassLoader(classLoader);
        thread.start();
    }

    @Override
    public void write(T record, Context context) {
        RecordKind kind = topic.kind().of(record);
        byte[] bytes;
        try {
            bytes = codec.encode(record);
        } catch (RuntimeException e) {
            // A restart would come to the same record again, and again.
            lost(kind);
            troubles.failed(Failure.UNWRITABLE, e);
            return;
        }
        outbox.offer(kind, topic.key().of(record), bytes);
    }

    /** Waits for nothing: what is to be kept is in {@link #snapshotState}. */
    @Override
    public void flush(boolean endOfInput) {
        ended |= endOfInput;
    }

    @Override
    public List<KeptRecord> snapshotState(long checkpointId) {
        return outbox.unacknowledged();
    }

    /**
     * Waits some seconds at most for what is still to be sent if the job has come to its end, and not at all if it was
     * cancelled or failed.
     */
    @Override
    public void close() {
        try {
            if (ended && !outbox.awaitEmpty(topic.keeps() ? KEPT_MILLIS : DROPPABLE_MILLIS)) {
                LOG.warn(
                        "topic {}: {} final scores were not written when the job ended, nor was what may be dropped",
                        topic.name(),
                        outbox.unacknowledged().size());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sender.close();
        thread.interrupt();
        try {
            thread.join(THREAD_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void full(RecordKind kind) {
        count(kind);
        troubles.full(kind);
    }

    private void lost(RecordKind kind) {
        count(kind);
        troubles.dropped(kind);
    }

    private void count(RecordKind kind) {
        Counter counter = dropped.get(kind);
        if (counter != null) {
            counter.inc();
        }
    }
}
