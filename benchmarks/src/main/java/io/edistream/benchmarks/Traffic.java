package io.edistream.benchmarks;

import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.Sampling;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.TokenClass;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * What a generator publishes that decodes 32 sequences at a time: a function of its size, the same every time. Sequences
 * have 120 to 180 tokens, one token in sixteen is uncertain, the others are not; one that ends is followed by the next
 * one in its slot. Unless it is asked to be restless, no rise of the entropy is a burst or a rebound, so that scores are
 * all that follows from it.
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

    /** Above them. */
    private static final double RESTLESS_NATS = 4;

    private static final double CERTAIN_NATS = 0.1;
    private static final int ALTERNATIVES = 20;
    private static final int VOCABULARY = 172;
    private static final List<String> CLASSES = List.of("other", "digit", "result");
    private static final long STEP_MICROS = 5_000;

    /** 2026-01-01: times that have as many bytes as real ones. */
    private static final long EPOCH_MICROS = 1_767_225_600_000_000L;

    /** Counters that have as many bytes as those of a generator that has run for a while. */
    private static final long FIRST_COUNTER = 100_000;

    private final Shape shape;
    private final Consumer<TokenEntropyBatch> out;
    private final SplittableRandom random;
    private final Slot[] slots = new Slot[LIVE];
    private int started;
    private int finished;
    private long recordNumber;
    private long step;
    private long tokens;

    private Traffic(Shape shape, Consumer<TokenEntropyBatch> out) {
        this.shape = shape;
        this.out = out;
        this.random = new SplittableRandom(SEED + shape.generator);
    }

    /**
     * What the records are like.
     *
     * @param generator id of the generator
     * @param sequences how many sequences start and finish
     * @param rowsPerRecord rows of a step that make a record, 1 to {@link #LIVE}
     * @param uncertainNats largest entropy of an uncertain token, nats, below ln of the vocabulary
     * @param bounded whether the entropies are bounds, with upper bounds and rest masses beside them
     */
    public record Shape(long generator, int sequences, int rowsPerRecord, double uncertainNats, boolean bounded) {

        /** Exact entropies without any burst or rebound. */
        public static Shape quiet(int sequences, int rowsPerRecord) {
            return new Shape(GENERATOR, sequences, rowsPerRecord, UNCERTAIN_NATS, false);
        }

        /** Bounded entropies, a step per record. */
        public static Shape bounded(int sequences) {
            return new Shape(GENERATOR, sequences, LIVE, UNCERTAIN_NATS, true);
        }

        /** Exact entropies with bursts and rebounds, a step per record. */
        public static Shape restless(long generator, int sequences) {
            return new Shape(generator, sequences, LIVE, RESTLESS_NATS, false);
        }
    }

    /**
     * Hands the records to {@code out}, in order.
     *
     * @return tokens in all records
     */
    public static long records(Shape shape, Consumer<TokenEntropyBatch> out) {
        Traffic traffic = new Traffic(shape, out);
        while (traffic.finished < shape.sequences) {
            traffic.step();
        }
        return traffic.tokens;
    }

    private void step() {
        step++;
        TokenEntropyBatch batch = record();
        for (int i = 0; i < LIVE; i++) {
            decode(i, batch);
            if (batch.getRuns().size() == shape.rowsPerRecord) {
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
            if (started == shape.sequences) {
                return;
            }
            slots[i] = new Slot(FIRST_COUNTER + started++, random.nextInt(MIN_TOKENS, MAX_TOKENS + 1));
            batch.getStarts().add(shape.bounded ? bounded(start(slots[i].counter)) : start(slots[i].counter));
        }
        Slot slot = slots[i];
        addToken(batch, slot.counter, slot.decoded++);
        tokens++;
        if (slot.decoded == slot.tokens) {
            batch.getFinishes().add(finish(slot.counter, slot.tokens));
            finished++;
            slots[i] = null;
        }
    }

    private TokenEntropyBatch record() {
        return record(shape.generator, recordNumber++, EPOCH_MICROS + step * STEP_MICROS);
    }

    private void addToken(TokenEntropyBatch batch, long counter, int index) {
        boolean uncertain = random.nextInt(UNCERTAIN_EVERY) == 0;
        float entropy = (float) random.nextDouble(uncertain ? shape.uncertainNats : CERTAIN_NATS);
        float logprob = (float) -random.nextDouble(entropy + 1e-3);
        addToken(batch, counter, index, entropy, logprob, 4 + (float) random.nextDouble(8), random.nextInt(3));
        if (shape.bounded) {
            batch.getUpperBounds().add(entropy + (float) random.nextDouble(CERTAIN_NATS));
            batch.getRestMasses().add((float) random.nextDouble(CERTAIN_NATS));
        }
    }

    /** Adds a token as a run of its own. */
    public static void addToken(
            TokenEntropyBatch batch,
            long counter,
            int index,
            float entropy,
            float logprob,
            float confidence,
            int tokenClass) {
        batch.getRuns().add(new TokenRun(counter, index, 1));
        batch.getEntropies().add(entropy);
        batch.getLogprobs().add(logprob);
        batch.getConfidences().add(confidence);
        if (tokenClass != 0) {
            batch.getTokenClasses().add(new TokenClass(batch.getEntropies().size() - 1, tokenClass));
        }
    }

    /** A record without anything in it yet. */
    public static TokenEntropyBatch record(long generator, long recordNumber, long decodedAtMicros) {
        TokenEntropyBatch record = TokenEntropyBatch.newBuilder()
                .setGenerator(Ids.generatorId(generator))
                .setRecordNumber(recordNumber)
                .setDecodedAtMicros(decodedAtMicros)
                .build();
        // What the builder sets are Avro's own lists, which may be shared.
        record.setStarts(new ArrayList<>());
        record.setRuns(new ArrayList<>());
        record.setEntropies(new ArrayList<>());
        record.setLogprobs(new ArrayList<>());
        record.setConfidences(new ArrayList<>());
        record.setTokenClasses(new ArrayList<>());
        record.setUpperBounds(new ArrayList<>());
        record.setRestMasses(new ArrayList<>());
        record.setFinishes(new ArrayList<>());
        return record;
    }

    /** The start of a sequence. */
    public static SequenceStart start(long counter) {
        SequenceStart start = new SequenceStart();
        start.setSequence(counter);
        start.setGroup(counter);
        start.setModel(MODEL);
        start.setRoute("default");
        start.setEngine("djl");
        start.setEntropyKind(new EntropyKind(Distribution.RAW, Measurement.EXACT, 0));
        start.setVocabularySize(VOCABULARY);
        start.setPromptTokens(40);
        start.setSampling(new Sampling(0.8f, 0, 1f, 0f, counter, Map.of()));
        start.setTokenClasses(CLASSES);
        start.setPlannedSamples(1);
        start.setStartedAtMicros(EPOCH_MICROS);
        return start;
    }

    private static SequenceStart bounded(SequenceStart start) {
        start.setEntropyKind(new EntropyKind(Distribution.RAW, Measurement.BOUNDED, ALTERNATIVES));
        return start;
    }

    /** The end of a sequence. */
    public static SequenceFinish finish(long counter, int tokens) {
        SequenceFinish finish = new SequenceFinish();
        finish.setSequence(counter);
        finish.setTokens(tokens);
        finish.setReason(FinishReason.END_OF_SEQUENCE);
        finish.setFinishedAtMicros(EPOCH_MICROS);
        finish.setAnswerClass(0);
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
