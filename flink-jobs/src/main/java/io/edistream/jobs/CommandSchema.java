package io.edistream.jobs;

import io.edistream.schemas.Command;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes commands, keyed by the source that they are for. A named class rather than a lambda, from which Flink could not tell
 * the lineage of the topic.
 */
final class CommandSchema implements KafkaRecordSerializationSchema<Command> {

    private final String topic;
    private transient @Nullable RecordCodec<Command> codec;

    CommandSchema(String topic) {
        this.topic = topic;
    }

    @Override
    public void open(SerializationSchema.InitializationContext context, KafkaSinkContext sinkContext) {
        codec = RecordCodec.of(Command.class);
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(
            Command command, KafkaSinkContext context, @Nullable Long timestamp) {
        if (codec == null) {
            throw new IllegalStateException("serialize was called before open");
        }
        return new ProducerRecord<>(
                topic, Ids.generatorKey(Ids.generator(command.getSequence())), codec.encode(command));
    }
}
