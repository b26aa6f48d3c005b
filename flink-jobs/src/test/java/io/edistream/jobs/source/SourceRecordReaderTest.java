package io.edistream.jobs.source;

import static io.edistream.jobs.Batches.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.edistream.jobs.Batches;
import io.edistream.jobs.source.SourceRecord.Refused;
import io.edistream.jobs.source.SourceRecord.Undecoded;
import io.edistream.jobs.watch.Origin;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What of a record is looked at before it is sent to its task. */
class SourceRecordReaderTest {

    private static final byte[] KEY = Ids.generatorKey(Batches.GENERATOR);
    private static final byte[] RECORD = batch(5).start(1).bytes();

    @Test
    void aRecordOfItsGeneratorPassesAsItCame() throws Exception {
        Undecoded read = (Undecoded) read(KEY, RECORD);

        assertThat(read.generator()).isEqualTo(Batches.GENERATOR);
        assertThat(read.key()).isEqualTo(Batches.GENERATOR);
        assertThat(read.origin()).isEqualTo(new Origin(3, 17));
        assertThat(read.bytes()).isEqualTo(RECORD);
    }

    @Test
    void aKeyThatIsNotTheGeneratorIsRefused() throws Exception {
        assertRefused(null, RECORD, RejectReason.KEY_MISMATCH, "no key of a record of generator abcdef0123456789");
        assertRefused(
                Ids.generatorKey(1),
                RECORD,
                RejectReason.KEY_MISMATCH,
                "key 0000000000000001 of a record of generator");
        assertRefused(new byte[7], RECORD, RejectReason.KEY_MISMATCH, "a key of 7 bytes of a record of generator");
        assertRefused(new byte[0], RECORD, RejectReason.KEY_MISMATCH, "a key of 0 bytes");
    }

    @Test
    void whatIsNoRecordIsRefusedUnderItsPartition() throws Exception {
        Refused read = assertRefused(
                KEY,
                "{\"not\": \"a record\"}".getBytes(StandardCharsets.UTF_8),
                RejectReason.UNREADABLE,
                "do not begin with C3 01");
        assertThat(read.key()).isEqualTo(3);
        assertThat(StandardCharsets.UTF_8.decode(read.rejected().getPayload()).toString())
                .isEqualTo("{\"not\": \"a record\"}");

        byte[] unknown = RECORD.clone();
        unknown[4] ^= 1;
        assertRefused(KEY, unknown, RejectReason.UNKNOWN_SCHEMA, "of a known version: its schema has fingerprint");
        assertRefused(KEY, null, RejectReason.UNREADABLE, "record without value");
        assertRefused(KEY, new byte[0], RejectReason.UNREADABLE, "its 0 bytes");
        for (int length = 1; length < 18; length++) {
            assertRefused(KEY, Arrays.copyOf(RECORD, length), RejectReason.UNREADABLE, "not a TokenEntropyBatch");
        }
    }

    @Test
    void bothKindsCrossTheShuffleUnchanged() throws Exception {
        Undecoded undecoded = (Undecoded) read(KEY, RECORD);
        Undecoded moved = (Undecoded) moved(undecoded);
        assertThat(moved.generator()).isEqualTo(undecoded.generator());
        assertThat(moved.origin()).isEqualTo(undecoded.origin());
        assertThat(moved.bytes()).isEqualTo(undecoded.bytes());

        Refused refused = (Refused) read(null, RECORD);
        RecordCodec<Rejected> codec = RecordCodec.of(Rejected.class);
        assertThat(codec.encode(((Refused) moved(refused)).rejected())).isEqualTo(codec.encode(refused.rejected()));
    }

    @Test
    void readersAreOpenedFirst() {
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        new SourceRecordReader().deserialize(new ConsumerRecord<>("topic", 3, 17, KEY, RECORD), null))
                .withMessage("deserialize was called before open");
    }

    @Test
    void theSerializerIsOneOfItsKindForRecordsOfAnyLength() {
        assertThat(SourceRecordSerializer.INSTANCE.getLength()).isEqualTo(-1);
        assertThat(SourceRecordSerializer.INSTANCE)
                .isEqualTo(SourceRecordSerializer.INSTANCE.duplicate())
                .isNotEqualTo(LongSerializer.INSTANCE);
    }

    private static SourceRecord moved(SourceRecord record) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        SourceRecordSerializer.INSTANCE.serialize(record, out);
        return SourceRecordSerializer.INSTANCE.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
    }

    private static Refused assertRefused(
            byte @Nullable [] key, byte @Nullable [] value, RejectReason reason, String detail) throws Exception {
        Refused read = (Refused) read(key, value);
        assertThat(read.rejected().getReason()).isEqualTo(reason);
        assertThat(read.rejected().getDetail()).contains(detail);
        assertThat(read.rejected().getTopic()).isEqualTo("topic");
        assertThat(read.rejected().getPartition()).isEqualTo(3);
        assertThat(read.rejected().getOffset()).isEqualTo(17);
        return read;
    }

    private static SourceRecord read(byte @Nullable [] key, byte @Nullable [] value) {
        SourceRecordReader reader = new SourceRecordReader();
        reader.open(null);
        List<SourceRecord> read = new ArrayList<>();
        reader.deserialize(new ConsumerRecord<>("topic", 3, 17, key, value), new Collector<>() {
            @Override
            public void collect(SourceRecord record) {
                read.add(record);
            }

            @Override
            public void close() {}
        });
        assertThat(read).hasSize(1);
        return read.get(0);
    }
}
