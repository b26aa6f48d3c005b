package io.edistream.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.avro.io.Encoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.jspecify.annotations.Nullable;

/** Random batches that use everything the schema has, and every form in which Avro allows to write them. */
final class RandomBatches {

    /** The current schema and a number behind everything else, which makes it another version that is read through Avro. */
    static final Schema OTHER = other();

    private static final int SMALLEST_BLOCK_BYTES = 64;
    private static final float[] EDGES = {Float.NaN, 0, -0f, Float.POSITIVE_INFINITY, Float.MIN_VALUE, -1e-6f};
    private static final String[] TEXTS = {"", "a", "reasoner-s", "Birne 梨 🍐", "x".repeat(200)};

    private final SplittableRandom random;

    RandomBatches(long seed) {
        random = new SplittableRandom(seed);
    }

    /** A batch whose columns fit its runs. */
    TokenEntropyBatch fitting() {
        List<TokenRun> runs = list(6, () -> new TokenRun(number(), integer(), random.nextInt(40)));
        int tokens = runs.stream().mapToInt(TokenRun::getTokens).sum();
        return TokenEntropyBatch.newBuilder()
                .setGenerator(Ids.generatorId(random.nextLong()))
                .setRecordNumber(number())
                .setDecodedAtMicros(number())
                .setStarts(list(3, this::start))
                .setSamplingChanges(list(3, () -> new SamplingChange(number(), integer(), sampling())))
                .setRuns(runs)
                .setEntropies(floats(tokens))
                .setLogprobs(floats(tokens))
                .setConfidences(floats(tokens))
                .setUnmeasured(unmeasured(tokens))
                .setTokenClasses(classes(tokens))
                .setForced(list(3, () -> new ForcedTokens(integer(), integer())))
                .setUpperBounds(floats(tokens))
                .setRestMasses(floats(tokens))
                .setRanks(column(tokens, this::integer))
                .setSelfCertainties(floats(tokens))
                .setVarentropies(floats(tokens))
                .setProbes(floats(tokens))
                .setImportances(floats(tokens))
                .setPhases(column(tokens, () -> one(Phase.values())))
                .setTokenIds(column(tokens, this::integer))
                .setTexts(list(3, () -> new RunText(integer(), text())))
                .setFinishes(list(3, this::finish))
                .setLabels(list(3, () -> new LateLabel(number(), label())))
                .build();
    }

    /** A batch with a column, run or entry that does not fit. */
    TokenEntropyBatch misfitting() {
        TokenEntropyBatch batch = fitting();
        int tokens = batch.getRuns().stream().mapToInt(TokenRun::getTokens).sum();
        List<Runnable> faults = List.of(
                () -> batch.setEntropies(exactly(tokens + 1, this::value)),
                () -> batch.setLogprobs(exactly(tokens + 2, this::value)),
                () -> batch.setConfidences(exactly(tokens + 3, this::value)),
                () -> batch.setUpperBounds(exactly(tokens + 4, this::value)),
                () -> batch.setRestMasses(exactly(tokens + 5, this::value)),
                () -> batch.setRanks(exactly(tokens + 6, this::integer)),
                () -> batch.setSelfCertainties(exactly(tokens + 7, this::value)),
                () -> batch.setVarentropies(exactly(tokens + 8, this::value)),
                () -> batch.setProbes(exactly(tokens + 9, this::value)),
                () -> batch.setImportances(exactly(tokens + 10, this::value)),
                () -> batch.setPhases(exactly(tokens + 11, () -> Phase.THINKING)),
                () -> batch.setTokenIds(exactly(tokens + 12, this::integer)),
                () -> batch.setUnmeasured(List.of(new UnmeasuredTokens(tokens, 1, UnmeasuredReason.LOST))),
                () -> batch.setTokenClasses(List.of(new TokenClass(-1, 1))),
                () -> batch.setTokenClasses(List.of(new TokenClass(0, 128))),
                () -> batch.setRuns(List.of(new TokenRun(1L, 0, -1))));
        faults.get(random.nextInt(faults.size())).run();
        if (random.nextBoolean()) {
            faults.get(random.nextInt(faults.size())).run();
        }
        return batch;
    }

    /** The record after its header, with lists in one block, in blocks that tell their bytes, or in several blocks. */
    byte[] body(TokenEntropyBatch batch) {
        EncoderFactory factory = new EncoderFactory().configureBlockSize(SMALLEST_BLOCK_BYTES);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int form = random.nextInt(3);
        Encoder encoder = form == 1 ? factory.blockingBinaryEncoder(out, null) : factory.binaryEncoder(out, null);
        try {
            new Writer(form == 2 ? random : null).write(batch, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A record of the current version: header and body. */
    static byte[] ofCurrentVersion(byte[] body) {
        return withHeader(TokenEntropyBatch.getClassSchema(), body).array();
    }

    /** A record of the version {@link #OTHER} that says the same. */
    static byte[] ofOtherVersion(byte[] body) {
        return withHeader(OTHER, Arrays.copyOf(body, body.length + 1)).array();
    }

    private static ByteBuffer withHeader(Schema schema, byte[] body) {
        return ByteBuffer.allocate(RecordCodec.HEADER_BYTES + body.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 0xC3)
                .put((byte) 1)
                .putLong(RecordCodec.fingerprint(schema))
                .put(body);
    }

    private static Schema other() {
        Schema current = TokenEntropyBatch.getClassSchema();
        List<Schema.Field> fields = new ArrayList<>();
        current.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
        fields.add(new Schema.Field("added", Schema.create(Schema.Type.INT), "A number.", 0));
        return Schema.createRecord(current.getName(), current.getDoc(), current.getNamespace(), false, fields);
    }

    /** Writes lists in several blocks if it has random numbers for their sizes. */
    private static final class Writer extends SpecificDatumWriter<TokenEntropyBatch> {
        private final @Nullable SplittableRandom sizes;

        Writer(@Nullable SplittableRandom sizes) {
            super(TokenEntropyBatch.class);
            this.sizes = sizes;
        }

        @Override
        protected void writeArray(Schema schema, Object datum, Encoder out) throws IOException {
            if (sizes == null) {
                super.writeArray(schema, datum, out);
                return;
            }
            Collection<?> items = (Collection<?>) datum;
            Iterator<?> next = items.iterator();
            out.writeArrayStart();
            for (int left = items.size(); left > 0; ) {
                int block = sizes.nextInt(1, left + 1);
                out.setItemCount(block);
                for (int i = 0; i < block; i++) {
                    out.startItem();
                    write(schema.getElementType(), next.next(), out);
                }
                left -= block;
            }
            out.writeArrayEnd();
        }
    }

    private SequenceStart start() {
        EntropyKind kind = new EntropyKind(one(Distribution.values()), one(Measurement.values()), integer());
        Continuation continuation = new Continuation(
                number(), one(ContinuationCause.values()), one(ContinuationMethod.values()), integer());
        return SequenceStart.newBuilder()
                .setSequence(number())
                .setGroup(number())
                .setModel(text())
                .setRoute(text())
                .setEngine(text())
                .setEntropyKind(kind)
                .setVocabularySize(integer())
                .setPromptTokens(integer())
                .setPrefillTokens(integer())
                .setParent(orNull(this::number))
                .setForkToken(orNull(this::integer))
                .setContinues(orNull(() -> continuation))
                .setSampling(sampling())
                .setTokenClasses(list(4, this::text))
                .setPlannedSamples(integer())
                .setStartedAtMicros(number())
                .setRequest(orNull(this::text))
                .setTraceContext(orNull(this::text))
                .setPrompt(orNull(this::text))
                .build();
    }

    private Sampling sampling() {
        return Sampling.newBuilder()
                .setTemperature(orNull(this::value))
                .setTopK(orNull(this::integer))
                .setTopP(orNull(this::value))
                .setMinP(orNull(this::value))
                .setSeed(orNull(this::number))
                .setFurther(random.nextBoolean() ? Map.of("p", random.nextDouble(), "q", -1.0) : Map.of())
                .build();
    }

    private SequenceFinish finish() {
        return SequenceFinish.newBuilder()
                .setSequence(number())
                .setTokens(integer())
                .setReason(one(FinishReason.values()))
                .setThinkingOpen(random.nextBoolean())
                .setTokensDelivered(orNull(this::integer))
                .setTokensHeldBack(integer())
                .setTokensDiscarded(integer())
                .setFinishedAtMicros(number())
                .setAnswerClass(orNull(this::integer))
                .setAnswer(orNull(this::text))
                .setLabel(orNull(this::label))
                .setText(orNull(this::text))
                .build();
    }

    private Label label() {
        return new Label(orNull(random::nextBoolean), orNull(random::nextDouble), text());
    }

    private List<UnmeasuredTokens> unmeasured(int tokens) {
        List<UnmeasuredTokens> entries = new ArrayList<>();
        for (int place = random.nextInt(8); place < tokens && random.nextInt(6) > 0; ) {
            int count = random.nextInt(1, Math.min(4, tokens - place) + 1);
            entries.add(new UnmeasuredTokens(place, count, one(UnmeasuredReason.values())));
            place += count + random.nextInt(8);
        }
        return entries;
    }

    private List<TokenClass> classes(int tokens) {
        List<TokenClass> entries = new ArrayList<>();
        for (int place = random.nextInt(4); place < tokens; place += random.nextInt(1, 5)) {
            entries.add(new TokenClass(place, random.nextInt(128)));
        }
        return random.nextInt(4) == 0 ? List.of() : entries;
    }

    private List<Float> floats(int tokens) {
        return column(tokens, this::value);
    }

    /** Values of all tokens, or of none. */
    private <T> List<T> column(int tokens, Supplier<T> values) {
        return random.nextInt(4) == 0 ? List.of() : exactly(tokens, values);
    }

    private <T> List<T> list(int most, Supplier<T> items) {
        return exactly(random.nextInt(most + 1), items);
    }

    private static <T> List<T> exactly(int count, Supplier<T> items) {
        List<T> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            list.add(items.get());
        }
        return list;
    }

    private <T> @Nullable T orNull(Supplier<T> value) {
        return random.nextBoolean() ? value.get() : null;
    }

    /** A number of any length. */
    private long number() {
        return random.nextLong() >> random.nextInt(Long.SIZE);
    }

    private int integer() {
        return random.nextInt() >> random.nextInt(Integer.SIZE);
    }

    private float value() {
        int pick = random.nextInt(20);
        return pick < EDGES.length ? EDGES[pick] : (float) random.nextDouble(-20, 20);
    }

    private String text() {
        return one(TEXTS);
    }

    private <T> T one(T[] of) {
        return of[random.nextInt(of.length)];
    }
}
