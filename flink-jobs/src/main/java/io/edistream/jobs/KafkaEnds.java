package io.edistream.jobs;

import io.edistream.jobs.KafkaOptions.StartFrom;
import io.edistream.jobs.source.SourceRecord;
import io.edistream.jobs.source.SourceRecordReader;
import io.edistream.jobs.telemetry.TelemetrySink;
import io.edistream.jobs.telemetry.TelemetryTopic;
import io.edistream.schemas.Command;
import io.edistream.schemas.RecordLimits;
import io.edistream.schemas.Topics;
import java.util.Collection;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;

/** The job's source and sinks in Kafka, set for low latency. */
public final class KafkaEnds {

    /** How often new partitions, which are new generators, are looked for. */
    private static final String DISCOVERY_MILLIS = "10000";

    private KafkaEnds() {}

    /** Reads topic {@code token-entropy}, its new partitions included. */
    public static KafkaSource<SourceRecord> source(KafkaOptions options) {
        Properties properties = new Properties();
        // Answer a fetch as soon as there is one byte; with it the longest wait only limits empty fetches.
        properties.setProperty(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, "1");
        // A small batch can hold far more than it shows: see RecordLimits.
        properties.setProperty(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, String.valueOf(RecordLimits.MAX_POLL_RECORDS));
        properties.setProperty(KafkaSourceOptions.PARTITION_DISCOVERY_INTERVAL_MS.key(), DISCOVERY_MILLIS);
        properties.putAll(options.properties());
        return KafkaSource.<SourceRecord>builder()
                .setProperties(properties)
                .setBootstrapServers(options.bootstrapServers())
                .setTopics(options.topics().tokenEntropy())
                .setGroupId(options.groupId())
                .setStartingOffsets(offsets(options.startFrom()))
                .setDeserializer(new SourceRecordReader())
                .build();
    }

    // Deprecated by Kafka, but the connector offers nothing else.
    @SuppressWarnings("deprecation")
    private static OffsetsInitializer offsets(StartFrom startFrom) {
        return switch (startFrom) {
            case COMMITTED -> OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST);
            case EARLIEST -> OffsetsInitializer.earliest();
            case LATEST -> new LatestOffsets();
        };
    }

    /**
     * Starts at records that are yet to come. Where a partition's offset is gone later on, it goes on at the first record
     * that is kept, as with every other start, and does not jump to the end: that is how one steps over a damaged record.
     */
    @SuppressWarnings("deprecation")
    private static final class LatestOffsets implements OffsetsInitializer {
        @Override
        public Map<TopicPartition, Long> getPartitionOffsets(
                Collection<TopicPartition> partitions, PartitionOffsetsRetriever retriever) {
            return OffsetsInitializer.latest().getPartitionOffsets(partitions, retriever);
        }

        @Override
        public OffsetResetStrategy getAutoOffsetResetStrategy() {
            return OffsetResetStrategy.EARLIEST;
        }
    }

    /** Writes the job's four output topics. */
    public static Sinks sinks(KafkaOptions options) {
        Topics topics = options.topics();
        return new Sinks(
                control(options),
                telemetry(TelemetryTopic.heartbeats(topics), options),
                telemetry(TelemetryTopic.scores(topics), options),
                telemetry(TelemetryTopic.spikes(topics), options),
                telemetry(TelemetryTopic.rejected(topics), options));
    }

    /**
     * At least once: an exactly-once sink would hold every command back until the next checkpoint. Repeated commands have
     * the ids of the first ones. How long a command may wait for its broker is left as Kafka's clients have it.
     */
    private static KafkaSink<Command> control(KafkaOptions options) {
        Properties properties = new Properties();
        properties.setProperty(ProducerConfig.LINGER_MS_CONFIG, "0");
        properties.putAll(options.properties());
        return KafkaSink.<Command>builder()
                .setKafkaProducerConfig(properties)
                .setBootstrapServers(options.bootstrapServers())
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setRecordSerializer(new CommandSchema(options.topics().control()))
                .build();
    }

    private static <T extends SpecificRecordBase> TelemetrySink<T> telemetry(
            TelemetryTopic<T> topic, KafkaOptions options) {
        return TelemetrySink.of(topic, options.bootstrapServers(), options.properties());
    }
}
