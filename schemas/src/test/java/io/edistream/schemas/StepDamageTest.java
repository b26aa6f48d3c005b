package io.edistream.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

/** Damaged bytes are unreadable or another record, and cost no more than they are long. */
class StepDamageTest {

    private static final long SEED = 20_260_103;
    private static final long MAX_ALLOCATED_BYTES = 64 << 10;
    private static final long[] CLAIMS = {
        Long.MIN_VALUE, -1L << 40, -1 << 30, -5, -1, 1, 5, 1 << 20, 1 << 30, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE
    };

    private final StepDecoder decoder = new StepDecoder(List.of(RandomBatches.OTHER));
    private final RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
    private final Step step = new Step();
    private final Step byAvro = new Step();
    private final byte[] sample = codec.encode(Records.batch());

    @Test
    void everyTruncationIsUnreadable() {
        for (int length = 0; length < sample.length; length++) {
            assertUnreadable(Arrays.copyOf(sample, length));
        }
    }

    @Test
    void bytesAfterTheRecordAreUnreadable() {
        for (int more = 1; more <= 16; more++) {
            assertUnreadable(Arrays.copyOf(sample, sample.length + more));
        }
    }

    /** What is still a record is the same one to Avro. */
    @Test
    void everyDamagedByteIsUnreadableOrAnotherRecord() throws Exception {
        int readable = 0;
        for (int at = RecordCodec.HEADER_BYTES; at < sample.length; at++) {
            byte[] damaged = sample.clone();
            for (int value = 0; value < 256; value++) {
                damaged[at] = (byte) value;
                if (isReadable(damaged)) {
                    readable++;
                    byte[] body = Arrays.copyOfRange(damaged, RecordCodec.HEADER_BYTES, damaged.length);
                    decoder.decode(RandomBatches.ofOtherVersion(body), byAvro);
                    assertThat(StepContents.of(step)).isEqualTo(StepContents.of(byAvro));
                }
            }
        }
        assertThat(readable).isBetween(sample.length, 255 * sample.length);
    }

    @Test
    void manyDamagedBytesAreUnreadableOrAnotherRecord() {
        Random random = new Random(SEED);
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = sample.clone();
            for (int hit = 0; hit <= round % 8; hit++) {
                damaged[RecordCodec.HEADER_BYTES + random.nextInt(sample.length - RecordCodec.HEADER_BYTES)] =
                        (byte) random.nextInt();
            }
            isReadable(damaged);
        }
    }

    @Test
    void garbageBehindTheHeaderIsUnreadableOrARecord() {
        Random random = new Random(SEED);
        for (int round = 0; round < 20_000; round++) {
            byte[] garbage = new byte[random.nextInt(200)];
            random.nextBytes(garbage);
            isReadable(RandomBatches.ofCurrentVersion(garbage));
        }
    }

    @Test
    void everyDamagedByteOfTheMarkerIsUnreadable() {
        for (int at = 0; at < 2; at++) {
            for (int value = 0; value < 256; value++) {
                byte[] damaged = sample.clone();
                damaged[at] = (byte) value;
                assertThat(isReadable(damaged)).isEqualTo(damaged[at] == sample[at]);
            }
        }
    }

    @Test
    void anotherSchemaIsToldFromDamage() {
        byte[] unknown = sample.clone();
        unknown[RecordCodec.HEADER_BYTES - 1] ^= 1;

        assertThat(catchThrowable(() -> decoder.decode(unknown, step)))
                .isInstanceOfSatisfying(UnreadableRecordException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectReason.UNKNOWN_SCHEMA));
    }

    /** At every list of the record, a count and at most a few bytes behind it. */
    @Test
    void aListThatClaimsBillionsOfItemsAsksForNoMemory() throws IOException {
        long lists = TokenEntropyBatch.getClassSchema().getFields().stream()
                .filter(field -> field.schema().getType() == Schema.Type.ARRAY)
                .count();
        for (int list = 0; list < lists; list++) {
            for (long claim : CLAIMS) {
                byte[] record = beforeTheLists(encoder -> {}, list, claim);
                assertThat(allocatedBytes(record))
                        .as("list %s of %s items", list, claim)
                        .isLessThan(MAX_ALLOCATED_BYTES);
            }
        }
    }

    @Test
    void aTextThatClaimsBillionsOfBytesAsksForNoMemory() throws IOException {
        for (long claim : CLAIMS) {
            byte[] record = beforeTheLists(
                    encoder -> {
                        encoder.writeLong(1); // a start
                        encoder.writeLong(1); // sequence
                        encoder.writeLong(1); // group
                    },
                    0,
                    claim);
            assertThat(allocatedBytes(record)).as("text of %s bytes", claim).isLessThan(MAX_ALLOCATED_BYTES);
        }
    }

    /** Else a record of as many blocks as values would be copied as often as it has values. */
    @Test
    void aColumnInMostBlocksTakesMemoryInProportionToItsValues() throws IOException {
        int values = 20_000;
        byte[] record = beforeTheLists(
                encoder -> {
                    encoder.writeLong(0); // starts
                    encoder.writeLong(0); // changes of sampling
                    encoder.writeLong(0); // runs
                    for (int i = 0; i < values; i++) {
                        encoder.writeLong(1);
                        encoder.writeFloat(1);
                    }
                },
                0,
                -1);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assertUnreadable(record);
        Step fresh = new Step();
        long before = threads.getCurrentThreadAllocatedBytes();

        assertThat(catchThrowable(() -> decoder.decode(record, fresh))).isInstanceOf(UnreadableRecordException.class);

        // Doubled until it fits, a column takes at most four times its values.
        assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                .isLessThan(4L * Float.BYTES * values + MAX_ALLOCATED_BYTES);
    }

    /** A record whose fixed fields are followed by empty lists, whatever is written, and a number. */
    private static byte[] beforeTheLists(Content content, int emptyLists, long claim) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        encoder.writeFixed(Ids.generatorKey(Records.GENERATOR));
        encoder.writeLong(1);
        encoder.writeLong(2);
        for (int list = 0; list < emptyLists; list++) {
            encoder.writeLong(0);
        }
        content.write(encoder);
        encoder.writeLong(claim);
        return RandomBatches.ofCurrentVersion(bytes.toByteArray());
    }

    /** Writes a part of a record. */
    @FunctionalInterface
    private interface Content {
        void write(BinaryEncoder encoder) throws IOException;
    }

    /** Bytes that reading the record takes, once everything is loaded that reading takes. */
    private long allocatedBytes(byte[] record) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assertUnreadable(record);
        long before = threads.getCurrentThreadAllocatedBytes();
        assertUnreadable(record);
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    /** Whether the bytes are a record, all of which can then be asked for; anything but that or unreadable fails. */
    private boolean isReadable(byte[] bytes) {
        Throwable thrown = catchThrowable(() -> decoder.decode(bytes, step));
        if (thrown == null) {
            assertThat(StepContents.of(step).runs()).hasSize(step.runs());
            return true;
        }
        assertThat(thrown).isInstanceOfSatisfying(UnreadableRecordException.class, e -> assertThat(e.reason())
                .isEqualTo(RejectReason.UNREADABLE));
        return false;
    }

    private void assertUnreadable(byte[] bytes) {
        assertThat(isReadable(bytes)).as("%s bytes were read", bytes.length).isFalse();
    }

    @Test
    void theSampleItselfIsReadable() {
        assertThat(List.of(isReadable(sample))).containsExactly(true);
    }
}
