package io.edistream.jobs.source;

import io.edistream.jobs.source.SourceRecord.Refused;
import io.edistream.jobs.source.SourceRecord.Undecoded;
import io.edistream.jobs.watch.Origin;
import io.edistream.jobs.watch.Records;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.StepDecoder;
import io.edistream.schemas.UnreadableRecordException;
import java.util.Arrays;
import java.util.HexFormat;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of topic {@code token-entropy} as far as is needed to send them to their task: the generator in their
 * first bytes, which must be the record's key. So whoever writes random keys makes no state anywhere. A record that is
 * refused never stops the job.
 */
public final class SourceRecordReader implements KafkaRecordDeserializationSchema<SourceRecord> {

    private static final byte[] NONE = new byte[0];

    private transient @Nullable StepDecoder decoder;

    @Override
    public void open(DeserializationSchema.InitializationContext context) {
        decoder = new StepDecoder();
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<SourceRecord> out) {
        out.collect(read(record));
    }

    private SourceRecord read(ConsumerRecord<byte[], byte[]> record) {
        if (decoder == null) {
            throw new IllegalStateException("deserialize was called before open");
        }
        byte[] value = record.value();
        if (value == null) {
            return refused(record, RejectReason.UNREADABLE, "record without value: must be a TokenEntropyBatch", NONE);
        }
        try {
            long generator = decoder.generator(value);
            byte[] key = record.key();
            return Arrays.equals(key, Ids.generatorKey(generator))
                    ? new Undecoded(generator, new Origin(record.partition(), record.offset()), value)
                    : refused(record, RejectReason.KEY_MISMATCH, keyProblem(key, generator), value);
        } catch (UnreadableRecordException e) {
            return refused(record, e.reason(), String.valueOf(e.getMessage()), value);
        }
    }

    private static String keyProblem(byte @Nullable [] key, long generator) {
        String found = key == null
                ? "no key"
                : key.length == Ids.GENERATOR_BYTES
                        ? "key " + HexFormat.of().formatHex(key)
                        : "a key of " + key.length + " bytes";
        return found + " of a record of generator " + HexFormat.of().toHexDigits(generator)
                + ": the key must be those 8 bytes; the record was not used";
    }

    private static SourceRecord refused(
            ConsumerRecord<byte[], byte[]> record, RejectReason reason, String detail, byte[] value) {
        return new Refused(new Records(record.topic())
                .unreadable(new Origin(record.partition(), record.offset()), reason, detail, value));
    }

    @Override
    public TypeInformation<SourceRecord> getProducedType() {
        return SourceRecord.TYPE;
    }
}
