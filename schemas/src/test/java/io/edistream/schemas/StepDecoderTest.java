package io.edistream.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/** What is decoded by hand is what Avro decodes. */
class StepDecoderTest {

    private static final long SEED = 20_260_102;
    private static final int ROUNDS = 5_000;

    @Test
    void handAndAvroReadTheSame() throws Exception {
        RandomBatches batches = new RandomBatches(SEED);
        StepDecoder decoder = new StepDecoder(List.of(RandomBatches.OTHER));
        Step byHand = new Step();
        Step byAvro = new Step();
        for (int round = 0; round < ROUNDS; round++) {
            byte[] body = batches.body(round % 4 == 0 ? batches.misfitting() : batches.fitting());
            decoder.decode(RandomBatches.ofCurrentVersion(body), byHand);
            decoder.decode(RandomBatches.ofOtherVersion(body), byAvro);

            assertThat(StepContents.of(byHand)).as("round " + round).isEqualTo(StepContents.of(byAvro));
            assertThat(byHand.columnProblem().isEmpty()).isEqualTo(round % 4 != 0);
        }
    }

    @Test
    void everythingOfARecordIsInTheStep() throws Exception {
        RandomBatches batches = new RandomBatches(SEED);
        StepDecoder decoder = new StepDecoder();
        Step step = new Step();
        for (int round = 0; round < ROUNDS / 10; round++) {
            TokenEntropyBatch batch = batches.fitting();
            decoder.decode(RandomBatches.ofCurrentVersion(batches.body(batch)), step);

            assertThat(StepContents.of(step)).as("round " + round).isEqualTo(contents(batch));
        }
    }

    /** The step by the schema's own words, without the step's code. */
    private static StepContents contents(TokenEntropyBatch batch) {
        List<StepContents.Run> runs = new ArrayList<>();
        int tokens = 0;
        for (TokenRun run : batch.getRuns()) {
            runs.add(new StepContents.Run(run.getSequence(), run.getFirstToken(), tokens, run.getTokens()));
            tokens += run.getTokens();
        }
        int[] classes = new int[tokens];
        batch.getTokenClasses().forEach(entry -> classes[entry.getPlace()] = entry.getTokenClass());
        boolean[] unmeasured = new boolean[tokens];
        batch.getUnmeasured()
                .forEach(entry -> Arrays.fill(unmeasured, entry.getPlace(), entry.getPlace() + entry.getCount(), true));
        List<StepContents.Place> places = new ArrayList<>();
        for (int place = 0; place < tokens; place++) {
            places.add(new StepContents.Place(
                    at(batch.getEntropies(), place),
                    at(batch.getUpperBounds(), place),
                    at(batch.getLogprobs(), place),
                    at(batch.getConfidences(), place),
                    classes[place],
                    unmeasured[place]));
        }
        return new StepContents(
                Ids.generator(batch.getGenerator()),
                batch.getRecordNumber(),
                batch.getDecodedAtMicros(),
                batch.getStarts(),
                batch.getSamplingChanges(),
                runs,
                tokens,
                !(batch.getEntropies().isEmpty()
                        && batch.getLogprobs().isEmpty()
                        && batch.getConfidences().isEmpty()),
                places,
                batch.getFinishes(),
                batch.getLabels(),
                "");
    }

    private static float at(List<Float> column, int place) {
        return column.isEmpty() ? Float.NaN : column.get(place);
    }

    /** What Avro's own encoder writes of the sample, told from its neighbours by every value. */
    @Test
    void theSampleIsReadAsItIs() throws Exception {
        TokenEntropyBatch sample = Records.batch();
        Step step = new Step();
        new StepDecoder().decode(RecordCodec.of(TokenEntropyBatch.class).encode(sample), step);

        assertThat(StepContents.of(step)).isEqualTo(contents(sample));
    }

    @Test
    void aStepThatIsUsedAgainShowsNothingOfTheRecordBefore() throws Exception {
        RandomBatches batches = new RandomBatches(SEED + 1);
        StepDecoder decoder = new StepDecoder();
        Step used = new Step();
        for (int round = 0; round < ROUNDS / 5; round++) {
            TokenEntropyBatch batch = round % 3 == 0 ? batches.misfitting() : batches.fitting();
            byte[] record = RandomBatches.ofCurrentVersion(batches.body(batch));
            Step fresh = new Step();
            decoder.decode(record, fresh);
            decoder.decode(record, used);
            assertThat(StepContents.of(used)).as("round " + round).isEqualTo(StepContents.of(fresh));
        }

        decoder.decode(RecordCodec.of(TokenEntropyBatch.class).encode(Records.batch()), used);
        decoder.decode(
                RecordCodec.of(TokenEntropyBatch.class)
                        .encode(TokenEntropyBatch.newBuilder()
                                .setGenerator(Ids.generatorId(7))
                                .setRecordNumber(8)
                                .setDecodedAtMicros(9)
                                .setRuns(List.of(new TokenRun(1L, 2, 3)))
                                .build()),
                used);
        StepContents.Place nothing = new StepContents.Place(Float.NaN, Float.NaN, Float.NaN, Float.NaN, 0, false);
        assertThat(StepContents.of(used))
                .isEqualTo(new StepContents(
                        7,
                        8,
                        9,
                        List.of(),
                        List.of(),
                        List.of(new StepContents.Run(1, 2, 0, 3)),
                        3,
                        false,
                        List.of(nothing, nothing, nothing),
                        List.of(),
                        List.of(),
                        ""));
    }

    /** Through Avro, each would be at least one object; and a step has room for as many tokens as it had before. */
    @Test
    void tokensOfTheCurrentVersionAreNoObjects() throws Exception {
        int tokens = 10_000;
        byte[] record = RecordCodec.of(TokenEntropyBatch.class)
                .encode(TokenEntropyBatch.newBuilder()
                        .setGenerator(Ids.generatorId(7))
                        .setRecordNumber(8)
                        .setDecodedAtMicros(9)
                        .setRuns(List.of(new TokenRun(1L, 0, tokens)))
                        .setEntropies(Collections.nCopies(tokens, 1.5f))
                        .setUnmeasured(List.of(new UnmeasuredTokens(0, 1, UnmeasuredReason.LOST)))
                        .setTokenClasses(List.of(new TokenClass(1, 2)))
                        .build());
        StepDecoder decoder = new StepDecoder();
        Step step = new Step();
        decoder.decode(record, step);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();

        decoder.decode(record, step);

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(tokens);
        assertThat(step.entropy(tokens - 1)).isEqualTo(1.5f);
    }

    @Test
    void aStepOfARecordThatCouldNotBeReadCanBeUsedAgain() throws Exception {
        StepDecoder decoder = new StepDecoder();
        byte[] record = RecordCodec.of(TokenEntropyBatch.class).encode(Records.batch());
        Step step = new Step();
        assertThatThrownBy(() -> decoder.decode(Arrays.copyOf(record, record.length - 1), step))
                .isInstanceOf(UnreadableRecordException.class);

        decoder.decode(record, step);

        assertThat(StepContents.of(step)).isEqualTo(contents(Records.batch()));
    }

    @Test
    void theSourceIsReadFromTheFirstBytes() throws Exception {
        byte[] record = RecordCodec.of(TokenEntropyBatch.class).encode(Records.batch());
        StepDecoder decoder = new StepDecoder(List.of(RandomBatches.OTHER));
        int enough = RecordCodec.HEADER_BYTES + Ids.GENERATOR_BYTES;

        assertThat(decoder.generator(record)).isEqualTo(Records.GENERATOR);
        assertThat(decoder.generator(Arrays.copyOf(record, enough))).isEqualTo(Records.GENERATOR);
        assertThat(decoder.generator(
                        RandomBatches.ofOtherVersion(Arrays.copyOfRange(record, RecordCodec.HEADER_BYTES, enough))))
                .isEqualTo(Records.GENERATOR);
        for (int length = 0; length < enough; length++) {
            byte[] cut = Arrays.copyOf(record, length);
            assertThatThrownBy(() -> decoder.generator(cut)).isInstanceOf(UnreadableRecordException.class);
        }
        assertThatThrownBy(() -> new StepDecoder().generator(RandomBatches.ofOtherVersion(new byte[100])))
                .isInstanceOfSatisfying(UnreadableRecordException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectReason.UNKNOWN_SCHEMA));
    }

    @Test
    void everyVersionBeginsWithTheSource() {
        assertThat(RecordCodec.versions(TokenEntropyBatch.class)).isNotEmpty().allSatisfy(version -> {
            Schema.Field first = version.getFields().get(0);
            assertThat(first.name()).isEqualTo("generator");
            assertThat(first.schema().getFixedSize()).isEqualTo(Ids.GENERATOR_BYTES);
        });
    }
}
