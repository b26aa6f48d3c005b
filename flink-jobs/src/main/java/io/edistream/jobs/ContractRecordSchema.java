package io.edistream.jobs;

import io.edistream.schemas.RecordCodec;
import java.io.Serializable;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes records of the contract to a topic. A named class rather than a lambda, from which Flink could not tell the
 * lineage of the topic.
 *
 * @param <T> the record
 */
final class ContractRecordSchema<T extends SpecificRecordBase> implements KafkaRecordSerializationSchema<T> {

    private final String topic;
    private final Class<T> type;
    private final KeyOf<T> key;
    private transient @Nullable RecordCodec<T> codec;

    ContractRecordSchema(String topic, Class<T> type, KeyOf<T> key) {
        this.topic = topic;
        this.type = type;
        this.key = key;
    }

    @Override
    public void open(SerializationSchema.InitializationContext context, KafkaSinkContext sinkContext) {
        codec = RecordCodec.of(type);
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(T record, KafkaSinkContext context, @Nullable Long timestamp) {
        if (codec == null) {
            throw new IllegalStateException("serialize was called before open");
        }
        return new ProducerRecord<>(topic, key.of(record), codec.encode(record));
    }

    /**
     * The key of a record in Kafka.
     *
     * @param <T> the record
     */
    @FunctionalInterface
    interface KeyOf<T> extends Serializable {

        byte @Nullable [] of(T record);
    }
}
