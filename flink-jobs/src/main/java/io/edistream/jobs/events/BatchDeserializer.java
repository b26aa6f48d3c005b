package io.edistream.jobs.events;

import io.edistream.jobs.events.SequenceEvent.Origin;
import io.edistream.jobs.events.SequenceEvent.Unusable;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.UnreadableRecordException;
import java.util.Optional;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of topic {@code token-entropy}. A record that cannot be read becomes an {@link Unusable} and never
 * stops the job.
 */
public final class BatchDeserializer implements KafkaRecordDeserializationSchema<SequenceEvent> {

    private static final String METRICS = "edistream";

    private transient @Nullable RecordCodec<TokenEntropyBatch> codec;
    private transient @Nullable RecordNumbers numbers;

    @Override
    public void open(DeserializationSchema.InitializationContext context) {
        codec = RecordCodec.of(TokenEntropyBatch.class);
        numbers = new RecordNumbers(context.getMetricGroup().addGroup(METRICS).counter("missing_records_total"));
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<SequenceEvent> out) {
        if (codec == null || numbers == null) {
            throw new IllegalStateException("deserialize was called before open");
        }
        Origin origin = new Origin(record.partition(), record.offset());
        byte[] value = record.value();
        if (value == null) {
            out.collect(unreadable(
                    origin, RejectReason.UNREADABLE, "record without value: must be a TokenEntropyBatch", new byte[0]));
            return;
        }
        TokenEntropyBatch batch;
        try {
            batch = codec.decode(value);
        } catch (UnreadableRecordException e) {
            out.collect(unreadable(origin, e.reason(), String.valueOf(e.getMessage()), value));
            return;
        }
        numbers.note(Ids.generator(batch.getGenerator()), batch.getRecordNumber());
        BatchReader.read(batch, origin, out::collect);
    }

    private static Unusable unreadable(Origin origin, RejectReason reason, String detail, byte[] value) {
        // Any key does; this one spreads unreadable records over all tasks.
        SequenceKey key = new SequenceKey(origin.partition(), origin.offset());
        return new Unusable(key, origin, false, reason, detail, Unusable.NO_TOKEN, Optional.of(new Payload(value)));
    }

    @Override
    public TypeInformation<SequenceEvent> getProducedType() {
        return SequenceEvent.TYPE;
    }
}
