package io.edistream.jobs.telemetry;

import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import io.edistream.schemas.Topics;
import java.io.Serializable;
import java.util.List;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;

/**
 * A topic of telemetry and how its records are written.
 *
 * @param name its name
 * @param type class of the records
 * @param kinds kinds of records that it holds
 * @param kind kind of a record, one of those
 * @param key key of a record in Kafka
 * @param everyPartition whether each record goes to every partition, so that a reader of any of them sees it
 * @param limits how much may wait
 * @param <T> the records
 */
public record TelemetryTopic<T extends SpecificRecordBase>(
        String name,
        Class<T> type,
        List<RecordKind> kinds,
        Part<T, RecordKind> kind,
        Part<T, byte @Nullable []> key,
        boolean everyPartition,
        OutboxLimits limits)
        implements Serializable {

    /** Running and final scores, by sequence. */
    public static TelemetryTopic<Score> scores(Topics topics) {
        return new TelemetryTopic<>(
                topics.scores(),
                Score.class,
                List.of(RecordKind.FINAL, RecordKind.RUNNING),
                score -> score.getFinal$() ? RecordKind.FINAL : RecordKind.RUNNING,
                score -> score.getSequence().bytes(),
                false,
                OutboxLimits.SCORES);
    }

    /** Bursts and rebounds, by sequence. */
    public static TelemetryTopic<Spike> spikes(Topics topics) {
        return new TelemetryTopic<>(
                topics.spikes(),
                Spike.class,
                List.of(RecordKind.SPIKE),
                spike -> RecordKind.SPIKE,
                spike -> spike.getSequence().bytes(),
                false,
                OutboxLimits.DROPPABLE);
    }

    /** What could not be used, by source if it is known. */
    public static TelemetryTopic<Rejected> rejected(Topics topics) {
        return new TelemetryTopic<>(
                topics.rejected(),
                Rejected.class,
                List.of(RecordKind.REJECTED),
                rejected -> RecordKind.REJECTED,
                rejected -> rejected.getGenerator() == null
                        ? null
                        : rejected.getGenerator().bytes(),
                false,
                OutboxLimits.DROPPABLE);
    }

    /** Signs of life, to every partition of the topic of commands: a source reads one of them. */
    public static TelemetryTopic<Heartbeat> heartbeats(Topics topics) {
        return new TelemetryTopic<>(
                topics.control(),
                Heartbeat.class,
                List.of(RecordKind.HEARTBEAT),
                heartbeat -> RecordKind.HEARTBEAT,
                heartbeat -> null,
                true,
                OutboxLimits.HEARTBEATS);
    }

    /** Whether some of its records are part of checkpoints until Kafka has them. */
    boolean keeps() {
        return kinds.stream().anyMatch(RecordKind::kept);
    }

    /**
     * Something about a record.
     *
     * @param <T> the record
     * @param <P> what is told of it
     */
    @FunctionalInterface
    public interface Part<T, P extends @Nullable Object> extends Serializable {

        /** What it is for this record. */
        P of(T record);
    }
}
