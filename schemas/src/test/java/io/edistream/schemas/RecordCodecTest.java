package io.edistream.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordCodecTest {

    private static final int HEADER_BYTES = 10;
    private static final long SEED = 20_260_101;

    static Set<String> names() {
        return Records.samples().keySet();
    }

    @ParameterizedTest
    @MethodSource("names")
    void recordsComeBackAsTheyWere(String name) throws Exception {
        SpecificRecordBase sample = Records.sample(name);

        SpecificRecordBase read =
                Records.codec(sample).decode(Records.codec(sample).encode(sample));

        assertThat(read).isEqualTo(sample).isNotSameAs(sample);
    }

    @Test
    void emptyListsAndAbsentValuesComeBackAsTheyWere() throws Exception {
        RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
        TokenEntropyBatch empty = TokenEntropyBatch.newBuilder()
                .setGenerator(Ids.generatorId(Long.MIN_VALUE))
                .setRecordNumber(0)
                .setDecodedAtMicros(Long.MAX_VALUE)
                .setFinishes(List.of(SequenceFinish.newBuilder()
                        .setSequence(0)
                        .setTokens(0)
                        .setReason(FinishReason.UNKNOWN)
                        .build()))
                .build();

        TokenEntropyBatch read = codec.decode(codec.encode(empty));

        assertThat(read).isEqualTo(empty);
        assertThat(read.getRuns()).isEmpty();
        assertThat(read.getFinishes().get(0).getAnswer()).isNull();
    }

    @Test
    void notANumberComesBackBecauseItMeansUnmeasured() throws Exception {
        RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
        TokenEntropyBatch batch = Records.batch();
        batch.setEntropies(List.of(0.5f, Float.NaN, 0.25f, Float.NEGATIVE_INFINITY, -0f));

        assertThat(codec.decode(codec.encode(batch)).getEntropies())
                .containsExactly(0.5f, Float.NaN, 0.25f, Float.NEGATIVE_INFINITY, -0f);
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyTruncationIsUnreadable(String name) {
        SpecificRecordBase sample = Records.sample(name);
        byte[] bytes = Records.codec(sample).encode(sample);

        for (int length = 0; length < bytes.length; length++) {
            assertUnreadable(sample, Arrays.copyOf(bytes, length), RejectReason.UNREADABLE);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void bytesAfterTheRecordAreUnreadable(String name) {
        SpecificRecordBase sample = Records.sample(name);
        byte[] bytes = Records.codec(sample).encode(sample);

        assertUnreadable(sample, Arrays.copyOf(bytes, bytes.length + 1), RejectReason.UNREADABLE);
    }

    @ParameterizedTest
    @MethodSource("names")
    void bytesWithoutTheMarkerAreUnreadable(String name) {
        SpecificRecordBase sample = Records.sample(name);
        Random random = new Random(SEED);
        for (int round = 0; round < 1000; round++) {
            byte[] garbage = new byte[random.nextInt(200)];
            random.nextBytes(garbage);
            if (garbage.length > 0) {
                garbage[0] = (byte) (garbage[0] & 0x7F);
            }
            assertUnreadable(sample, garbage, RejectReason.UNREADABLE);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void anotherSchemaIsToldFromDamage(String name) {
        SpecificRecordBase sample = Records.sample(name);
        byte[] wrongFingerprint = Records.codec(sample).encode(sample);
        wrongFingerprint[HEADER_BYTES - 1] ^= 1;
        assertUnreadable(sample, wrongFingerprint, RejectReason.UNKNOWN_SCHEMA);

        Records.samples().forEach((otherName, other) -> {
            if (!otherName.equals(name)) {
                assertUnreadable(sample, Records.codec(other).encode(other), RejectReason.UNKNOWN_SCHEMA);
            }
        });
    }

    /** Damage may happen to be another valid record, but it is never anything else than that or unreadable. */
    @ParameterizedTest
    @MethodSource("names")
    void damageIsNeverAnotherException(String name) {
        SpecificRecordBase sample = Records.sample(name);
        RecordCodec<SpecificRecordBase> codec = Records.codec(sample);
        byte[] bytes = codec.encode(sample);
        Random random = new Random(SEED);
        for (int round = 0; round < 5000; round++) {
            byte[] damaged = bytes.clone();
            for (int hit = 0; hit <= round % 4; hit++) {
                damaged[HEADER_BYTES + random.nextInt(bytes.length - HEADER_BYTES)] = (byte) random.nextInt();
            }
            Throwable thrown = catchThrowable(() -> codec.decode(damaged));
            if (thrown != null) {
                assertThat(thrown).isInstanceOf(UnreadableRecordException.class);
                assertThat(((UnreadableRecordException) thrown).reason()).isEqualTo(RejectReason.UNREADABLE);
            }
        }
    }

    @Test
    void aListThatClaimsBillionsOfItemsAsksForNoMemory() throws IOException {
        for (long items : new long[] {-1L << 40, -1 << 30, -5, 1 << 20, 1 << 30, Integer.MAX_VALUE, 1L << 40}) {
            byte[] bytes = afterTheFixedFields(items);
            assertUnreadable(Records.batch(), bytes, RejectReason.UNREADABLE);
        }
    }

    @Test
    void aTextThatClaimsBillionsOfBytesAsksForNoMemory() throws IOException {
        Spike spike = Records.spike();
        byte[] header = Arrays.copyOf(RecordCodec.of(Spike.class).encode(spike), HEADER_BYTES);
        for (long length : new long[] {-1, 1 << 20, 1 << 30, Integer.MAX_VALUE, 1L << 40}) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.write(header);
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
            encoder.writeFixed(spike.getSequence().bytes());
            encoder.writeLong(length);
            assertUnreadable(spike, bytes.toByteArray(), RejectReason.UNREADABLE);
        }
    }

    @Test
    void recordsOfAnEarlierVersionGetTheDefaultsOfWhatTheyLack() throws Exception {
        Schema current = Spike.getClassSchema();
        List<Schema.Field> fields = new ArrayList<>();
        for (Schema.Field field : current.getFields()) {
            if (!field.name().equals("decoded_at_micros")) {
                fields.add(new Schema.Field(field, field.schema()));
            }
        }
        Schema earlier =
                Schema.createRecord(current.getName(), current.getDoc(), current.getNamespace(), false, fields);
        Spike spike = Records.spike();
        GenericRecordBuilder old = new GenericRecordBuilder(earlier);
        earlier.getFields().forEach(field -> old.set(field, spike.get(field.name())));
        byte[] bytes = new BinaryMessageEncoder<>(spike.getSpecificData(), earlier)
                .encode(old.build())
                .array();

        Spike read = RecordCodec.of(Spike.class, List.of(earlier)).decode(bytes);

        assertThat(read)
                .isEqualTo(Spike.newBuilder(spike).clearDecodedAtMicros().build());
        assertUnreadable(spike, bytes, RejectReason.UNKNOWN_SCHEMA);
    }

    @Test
    void aSymbolFromTheFutureIsReadAsUnknown() throws Exception {
        Schema future = new Schema.Parser()
                .parse(CommandOutcome.getClassSchema()
                        .toString()
                        .replace("\"DISARMED\"", "\"DISARMED\",\"POSTPONED\""));
        CommandOutcome outcome = Records.outcome();
        GenericRecordBuilder record = new GenericRecordBuilder(future);
        future.getFields().forEach(field -> record.set(field, outcome.get(field.name())));
        record.set("kind", new GenericData.EnumSymbol(future.getField("kind").schema(), "POSTPONED"));
        byte[] bytes = new BinaryMessageEncoder<>(outcome.getSpecificData(), future)
                .encode(record.build())
                .array();

        CommandOutcome read =
                RecordCodec.of(CommandOutcome.class, List.of(future)).decode(bytes);

        assertThat(read.getKind()).isEqualTo(OutcomeKind.UNKNOWN);
        assertThat(read.getRule()).isEqualTo(outcome.getRule());
    }

    @Test
    void oneCodecServesManyThreads() throws Exception {
        RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                long number = thread;
                tasks.add(() -> {
                    TokenEntropyBatch batch = Records.batch();
                    batch.setRecordNumber(number);
                    for (int round = 0; round < 2000; round++) {
                        if (!codec.decode(codec.encode(batch)).equals(batch)) {
                            return false;
                        }
                    }
                    return true;
                });
            }
            for (Future<Boolean> same : threads.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
                assertThat(same.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void storedVersionsAreFoundByName() {
        assertThat(RecordCodec.versions(Spike.class)).isNotEmpty().allMatch(schema -> schema.getFullName()
                .equals("io.edistream.schemas.Spike"));
        assertThat(RecordCodec.versions(TokenRun.class)).isEmpty();
    }

    /** A batch that ends where its first list begins, with a count of items and no item. */
    private static byte[] afterTheFixedFields(long items) throws IOException {
        TokenEntropyBatch batch = Records.batch();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(Arrays.copyOf(RecordCodec.of(TokenEntropyBatch.class).encode(batch), HEADER_BYTES));
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        encoder.writeFixed(batch.getGenerator().bytes());
        encoder.writeLong(batch.getRecordNumber());
        encoder.writeLong(batch.getDecodedAtMicros());
        encoder.writeLong(items);
        if (items < 0) {
            // A negative count is followed by the size of the block in bytes.
            encoder.writeLong(Long.MAX_VALUE);
        }
        return bytes.toByteArray();
    }

    private static void assertUnreadable(SpecificRecordBase sample, byte[] bytes, RejectReason reason) {
        Throwable thrown = catchThrowable(() -> Records.codec(sample).decode(bytes));
        assertThat(thrown)
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining(sample.getSchema().getName());
        assertThat(((UnreadableRecordException) thrown).reason()).isEqualTo(reason);
    }
}
