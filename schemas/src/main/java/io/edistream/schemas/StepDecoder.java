package io.edistream.schemas;

import io.edistream.schemas.Step.Column;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Decodes {@link TokenEntropyBatch} records into a {@link Step} that is used again: those of the current version by hand,
 * without an object per token, those of other versions through Avro, with the same result. Strict like
 * {@link RecordCodec}: damaged bytes are an {@link UnreadableRecordException} and nothing else, and a claimed length is
 * held against the bytes that are there. Used by one thread.
 */
public final class StepDecoder {

    private static final Distribution[] DISTRIBUTIONS = Distribution.values();
    private static final Measurement[] MEASUREMENTS = Measurement.values();
    private static final ContinuationCause[] CAUSES = ContinuationCause.values();
    private static final ContinuationMethod[] METHODS = ContinuationMethod.values();
    private static final UnmeasuredReason[] UNMEASURED_REASONS = UnmeasuredReason.values();
    private static final FinishReason[] FINISH_REASONS = FinishReason.values();
    private static final Phase[] PHASES = Phase.values();

    private final RecordCodec<TokenEntropyBatch> codec;
    private final long current = RecordCodec.fingerprint(TokenEntropyBatch.getClassSchema());
    private final AvroCursor in = new AvroCursor();

    /** A decoder of every version that was ever released. */
    public StepDecoder() {
        this(RecordCodec.versions(TokenEntropyBatch.class));
    }

    /** A decoder that also reads what was written with the given schemas. */
    StepDecoder(List<Schema> earlier) {
        this.codec = RecordCodec.of(TokenEntropyBatch.class, earlier);
    }

    /**
     * The source that a record claims to be of, read from its first bytes alone.
     *
     * @throws UnreadableRecordException if these are not the first bytes of a record of a known version
     */
    public long generator(byte[] record) throws UnreadableRecordException {
        if (!codec.claims(record)) {
            codec.decode(record);
            throw new IllegalStateException("a record that is none was read");
        }
        in.open(record, RecordCodec.HEADER_BYTES);
        try {
            return in.readBigEndianLong();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /**
     * Fills a step with a record.
     *
     * @throws UnreadableRecordException if the bytes are no such record; the step is then of no use
     */
    public void decode(byte[] record, Step into) throws UnreadableRecordException {
        into.clear();
        if (!RecordCodec.hasHeader(record) || RecordCodec.fingerprint(record) != current) {
            fill(codec.decode(record), into);
            return;
        }
        in.open(record, RecordCodec.HEADER_BYTES);
        try {
            read(into);
        } catch (IOException e) {
            throw unreadable(e);
        }
        into.checkColumns();
    }

    private static UnreadableRecordException unreadable(IOException e) {
        return new UnreadableRecordException(
                RejectReason.UNREADABLE, "not a TokenEntropyBatch in single-object encoding: " + e.getMessage(), e);
    }

    private void read(Step into) throws IOException {
        into.generator = in.readBigEndianLong();
        into.recordNumber = in.readLong();
        into.decodedAtMicros = in.readLong();
        readAll(into.starts, this::readStart);
        readAll(into.samplingChanges, this::readSamplingChange);
        readRuns(into);
        readColumn(into.entropies);
        readColumn(into.logprobs);
        readColumn(into.confidences);
        readUnmeasured(into);
        readClasses(into);
        skipForced();
        readColumn(into.upperBounds);
        into.denseLength("rest_masses", skipFloats());
        into.denseLength("ranks", skipInts());
        into.denseLength("self_certainties", skipFloats());
        into.denseLength("varentropies", skipFloats());
        into.denseLength("probes", skipFloats());
        into.denseLength("importances", skipFloats());
        into.denseLength("phases", skipPhases());
        into.denseLength("token_ids", skipInts());
        skipTexts();
        readAll(into.finishes, this::readFinish);
        readAll(into.labels, this::readLateLabel);
        if (!in.isAtEnd()) {
            throw new IOException("bytes follow after the record");
        }
    }

    private <T> void readAll(List<T> into, Item<T> item) throws IOException {
        for (int count = in.readBlock(1); count > 0; count = in.readBlock(1)) {
            for (int i = 0; i < count; i++) {
                into.add(item.read());
            }
        }
    }

    /** Reads one item of a list. */
    @FunctionalInterface
    private interface Item<T> {
        T read() throws IOException;
    }

    private SequenceStart readStart() throws IOException {
        SequenceStart start = new SequenceStart();
        start.setSequence(in.readLong());
        start.setGroup(in.readLong());
        start.setModel(in.readString());
        start.setRoute(in.readString());
        start.setEngine(in.readString());
        start.setEntropyKind(new EntropyKind(in.readSymbol(DISTRIBUTIONS), in.readSymbol(MEASUREMENTS), in.readInt()));
        start.setVocabularySize(in.readInt());
        start.setPromptTokens(in.readInt());
        start.setPrefillTokens(in.readInt());
        start.setParent(in.readNullableLong());
        start.setForkToken(in.readNullableInt());
        start.setContinues(readContinuation());
        start.setSampling(readSampling());
        List<String> classes = new ArrayList<>();
        readAll(classes, in::readString);
        start.setTokenClasses(classes);
        start.setPlannedSamples(in.readInt());
        start.setStartedAtMicros(in.readLong());
        start.setRequest(in.readNullableString());
        start.setTraceContext(in.readNullableString());
        start.setPrompt(in.readNullableString());
        return start;
    }

    private @Nullable Continuation readContinuation() throws IOException {
        return in.readPresent()
                ? new Continuation(in.readLong(), in.readSymbol(CAUSES), in.readSymbol(METHODS), in.readInt())
                : null;
    }

    private Sampling readSampling() throws IOException {
        Sampling sampling = new Sampling();
        sampling.setTemperature(in.readNullableFloat());
        sampling.setTopK(in.readNullableInt());
        sampling.setTopP(in.readNullableFloat());
        sampling.setMinP(in.readNullableFloat());
        sampling.setSeed(in.readNullableLong());
        Map<String, Double> further = new HashMap<>();
        for (int count = in.readBlock(1); count > 0; count = in.readBlock(1)) {
            for (int i = 0; i < count; i++) {
                further.put(in.readString(), in.readDouble());
            }
        }
        sampling.setFurther(further);
        return sampling;
    }

    private SamplingChange readSamplingChange() throws IOException {
        return new SamplingChange(in.readLong(), in.readInt(), readSampling());
    }

    private void readRuns(Step into) throws IOException {
        for (int count = in.readBlock(1); count > 0; count = in.readBlock(1)) {
            for (int i = 0; i < count; i++) {
                into.addRun(in.readLong(), in.readInt(), in.readInt());
            }
        }
    }

    private void readColumn(Column column) throws IOException {
        for (int count = in.readBlock(Float.BYTES); count > 0; count = in.readBlock(Float.BYTES)) {
            int from = column.grow(count);
            in.readFloats(column.values(), from, count);
        }
    }

    private void readUnmeasured(Step into) throws IOException {
        for (int count = in.readBlock(1); count > 0; count = in.readBlock(1)) {
            for (int i = 0; i < count; i++) {
                int place = in.readInt();
                int tokens = in.readInt();
                in.readSymbol(UNMEASURED_REASONS);
                into.addUnmeasured(place, tokens);
            }
        }
    }

    private void readClasses(Step into) throws IOException {
        for (int count = in.readBlock(1); count > 0; count = in.readBlock(1)) {
            for (int i = 0; i < count; i++) {
                into.addClass(in.readInt(), in.readInt());
            }
        }
    }

    private void skipForced() throws IOException {
        for (int count = in.readBlock(1); count > 0; count = in.readBlock(1)) {
            for (int i = 0; i < count; i++) {
                in.readInt();
                in.readInt();
            }
        }
    }

    private int skipFloats() throws IOException {
        int all = 0;
        for (int count = in.readBlock(Float.BYTES); count > 0; count = in.readBlock(Float.BYTES)) {
            in.skipFloats(count);
            all += count;
        }
        return all;
    }

    private int skipInts() throws IOException {
        int all = 0;
        for (int count = in.readBlock(1); count > 0; count = in.readBlock(1)) {
            for (int i = 0; i < count; i++) {
                in.readInt();
            }
            all += count;
        }
        return all;
    }

    private int skipPhases() throws IOException {
        int all = 0;
        for (int count = in.readBlock(1); count > 0; count = in.readBlock(1)) {
            for (int i = 0; i < count; i++) {
                in.readSymbol(PHASES);
            }
            all += count;
        }
        return all;
    }

    private void skipTexts() throws IOException {
        for (int count = in.readBlock(1); count > 0; count = in.readBlock(1)) {
            for (int i = 0; i < count; i++) {
                in.readInt();
                in.skipString();
            }
        }
    }

    private SequenceFinish readFinish() throws IOException {
        SequenceFinish finish = new SequenceFinish();
        finish.setSequence(in.readLong());
        finish.setTokens(in.readInt());
        finish.setReason(in.readSymbol(FINISH_REASONS));
        finish.setThinkingOpen(in.readBoolean());
        finish.setTokensDelivered(in.readNullableInt());
        finish.setTokensHeldBack(in.readInt());
        finish.setTokensDiscarded(in.readInt());
        finish.setFinishedAtMicros(in.readLong());
        finish.setAnswerClass(in.readNullableInt());
        finish.setAnswer(in.readNullableString());
        finish.setLabel(in.readPresent() ? readLabel() : null);
        finish.setText(in.readNullableString());
        return finish;
    }

    private Label readLabel() throws IOException {
        return new Label(in.readNullableBoolean(), in.readNullableDouble(), in.readString());
    }

    private LateLabel readLateLabel() throws IOException {
        return new LateLabel(in.readLong(), readLabel());
    }

    // ------------------------------------------------------------------ other versions

    private static void fill(TokenEntropyBatch batch, Step into) {
        into.generator = Ids.generator(batch.getGenerator());
        into.recordNumber = batch.getRecordNumber();
        into.decodedAtMicros = batch.getDecodedAtMicros();
        into.starts.addAll(batch.getStarts());
        into.samplingChanges.addAll(batch.getSamplingChanges());
        for (TokenRun run : batch.getRuns()) {
            into.addRun(run.getSequence(), run.getFirstToken(), run.getTokens());
        }
        fill(batch.getEntropies(), into.entropies);
        fill(batch.getLogprobs(), into.logprobs);
        fill(batch.getConfidences(), into.confidences);
        for (UnmeasuredTokens entry : batch.getUnmeasured()) {
            into.addUnmeasured(entry.getPlace(), entry.getCount());
        }
        for (TokenClass entry : batch.getTokenClasses()) {
            into.addClass(entry.getPlace(), entry.getTokenClass());
        }
        fill(batch.getUpperBounds(), into.upperBounds);
        into.denseLength("rest_masses", batch.getRestMasses().size());
        into.denseLength("ranks", batch.getRanks().size());
        into.denseLength("self_certainties", batch.getSelfCertainties().size());
        into.denseLength("varentropies", batch.getVarentropies().size());
        into.denseLength("probes", batch.getProbes().size());
        into.denseLength("importances", batch.getImportances().size());
        into.denseLength("phases", batch.getPhases().size());
        into.denseLength("token_ids", batch.getTokenIds().size());
        into.finishes.addAll(batch.getFinishes());
        into.labels.addAll(batch.getLabels());
        into.checkColumns();
    }

    private static void fill(List<Float> values, Column column) {
        int from = column.grow(values.size());
        float[] into = column.values();
        for (float value : values) {
            into[from++] = value;
        }
    }
}
