package io.edistream.jobs.telemetry;

import java.io.Serial;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Writes telemetry to Kafka without ever making the job wait: neither a record nor a checkpoint nor the end of input does. A
 * topic that is missing, full, forbidden or slow costs its own records alone, and is used again when it is back.
 *
 * <p>Final scores that Kafka has not acknowledged are part of checkpoints and are sent again after a restore, so readers may
 * see copies of the same bytes. All others may be dropped: {@code telemetry_dropped_total} counts them by topic and kind.
 *
 * @param <T> the records
 */
public final class TelemetrySink<T extends SpecificRecordBase> implements Sink<T>, SupportsWriterState<T, KeptRecord> {

    @Serial
    private static final long serialVersionUID = 1;

    private final TelemetryTopic<T> topic;
    private final ProducerFactory producers;

    private TelemetrySink(TelemetryTopic<T> topic, ProducerFactory producers) {
        this.topic = topic;
        this.producers = producers;
    }

    /**
     * A sink for a topic.
     *
     * @param bootstrapServers brokers, {@code host:port} separated by commas
     * @param properties further properties of the Kafka clients
     */
    public static <T extends SpecificRecordBase> TelemetrySink<T> of(
            TelemetryTopic<T> topic, String bootstrapServers, Map<String, String> properties) {
        return of(topic, new TelemetryProducers(bootstrapServers, properties));
    }

    static <T extends SpecificRecordBase> TelemetrySink<T> of(TelemetryTopic<T> topic, ProducerFactory producers) {
        return new TelemetrySink<>(topic, producers);
    }

    @Override
    public StatefulSinkWriter<T, KeptRecord> createWriter(WriterInitContext context) {
        return restoreWriter(context, List.of());
    }

    @Override
    public StatefulSinkWriter<T, KeptRecord> restoreWriter(WriterInitContext context, Collection<KeptRecord> restored) {
        return new TelemetryWriter<>(
                topic,
                producers,
                restored,
                context.metricGroup(),
                context.getUserCodeClassLoader().asClassLoader(),
                Clock.systemUTC());
    }

    @Override
    public SimpleVersionedSerializer<KeptRecord> getWriterStateSerializer() {
        return new KeptRecordSerializer();
    }
}
