package io.edistream.benchmarks;

import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Token;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * What a generator publishes that decodes 32 sequences at a time: a function of its size, the same every time. Sequences
 * have 120 to 180 tokens, one token in sixteen is uncertain, the others are not; one that ends is followed by the next
 * one in its slot. No rise of the entropy is a burst or a rebound, so that final scores are all that follows from it.
 */
public final class Traffic {

    /** Sequences that are decoded at a time. */
    public static final int LIVE = 32;

    /** Id of the generator. */
    public static final long GENERATOR = 0x5EED_0000_0000_0001L;

    /** Name of the model. */
    public static final String MODEL = "reasoner-s";

    private static final long SEED = 20260101;
    private static final int MIN_TOKENS = 120;
    private static final int MAX_TOKENS = 180;
    private static final int UNCERTAIN_EVERY = 16;

    /** Below the thresholds of burst and rebound. */
    private static final double UNCERTAIN_NATS = 1.3;

    private static final double CERTAIN_NATS = 0.1;
    private static final int VOCABULARY = 172;
    private static final List<String> CLASSES = List.of("other", "digit", "result");
    private static final long STEP_MICROS = 5_000;

    /** 2026-01-01: times that have as many bytes as real ones. */
    private static final long EPOCH_MICROS = 1_767_225_600_000_000L;

    /** Counters that have as many bytes as those of a generator that has run for a while. */
    private static final long FIRST_COUNTER = 100_000;

    private final int sequences;
    private final int rowsPerRecord;
    private final Consumer<TokenEntropyBatch> out;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Slot[] slots = new Slot[LIVE];
    private int started;
    private int finished;
    private long recordNumber;
    private long step;
    private long tokens;

    private Traffic(int sequences, int rowsPerRecord, Consumer<TokenEntropyBatch> out) {
        this.sequences = sequences;
        this.rowsPerRecord = rowsPerRecord;
        this.out = out;
    }

    /**
     * Hands the records to {@code out}, in order.
     *
     * @param sequences how many sequences start and finish
     * @param rowsPerRecord rows of a step that make a record, 1 to {@link #LIVE}
     * @return tokens in all records
     */
    public static long records(int sequences, int rowsPerRecord, Consumer<TokenEntropyBatch> out) {
        Traffic traffic = new Traffic(sequences, rowsPerRecord, out);
        while (traffic.finished < sequences) {
            traffic.step();
        }
        return traffic.tokens;
    }

    private void step() {
        step++;
        TokenEntropyBatch batch = record();
        for (int i = 0; i < LIVE; i++) {
            decode(i, batch);
            if (batch.getRuns().size() == rowsPerRecord) {
                out.accept(batch);
                batch = record();
            }
        }
        if (!batch.getRuns().isEmpty()) {
            out.accept(batch);
        }
    }

    private void decode(int i, TokenEntropyBatch batch) {
        if (slots[i] == null) {
            if (started == sequences) {
                return;
            }
            slots[i] = new Slot(FIRST_COUNTER + started++, random.nextInt(MIN_TOKENS, MAX_TOKENS + 1));
            batch.getStarts().add(start(slots[i].counter));
        }
        Slot slot = slots[i];
        batch.getRuns().add(new TokenRun(slot.counter, slot.decoded++, List.of(token())));
        tokens++;
        if (slot.decoded == slot.tokens) {
            batch.getFinishes().add(finish(slot.counter, slot.tokens));
            finished++;
            slots[i] = null;
        }
    }

    private TokenEntropyBatch record() {
        return record(recordNumber++, EPOCH_MICROS + step * STEP_MICROS);
    }

    private Token token() {
        boolean uncertain = random.nextInt(UNCERTAIN_EVERY) == 0;
        float entropy = (float) random.nextDouble(uncertain ? UNCERTAIN_NATS : CERTAIN_NATS);
        return new Token(
                entropy,
                (float) -random.nextDouble(entropy + 1e-3),
                4 + (float) random.nextDouble(8),
                random.nextInt(3));
    }

    /** A record without anything in it yet. */
    public static TokenEntropyBatch record(long recordNumber, long decodedAtMicros) {
        return new TokenEntropyBatch(
                Ids.generatorId(GENERATOR),
                recordNumber,
                decodedAtMicros,
                new ArrayList<>(),
                new ArrayList<>(),
                List.of(),
                new ArrayList<>());
    }

    /** The start of a sequence. */
    public static SequenceStart start(long counter) {
        SequenceStart start = new SequenceStart();
        start.setSequence(counter);
        start.setGroup(counter);
        start.setModel(MODEL);
        start.setRoute("default");
        start.setEntropyKind(EntropyKind.FULL_VOCAB_RAW);
        start.setVocabularySize(VOCABULARY);
        start.setPromptTokens(40);
        start.setSeed(counter);
        start.setTokenClasses(CLASSES);
        return start;
    }

    /** The end of a sequence. */
    public static SequenceFinish finish(long counter, int tokens) {
        SequenceFinish finish = new SequenceFinish();
        finish.setSequence(counter);
        finish.setTokens(tokens);
        finish.setReason(FinishReason.END_OF_SEQUENCE);
        return finish;
    }

    /** A sequence being decoded. */
    private static final class Slot {
        private final long counter;
        private final int tokens;
        private int decoded;

        Slot(long counter, int tokens) {
            this.counter = counter;
            this.tokens = tokens;
        }
    }
}
