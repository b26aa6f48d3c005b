package io.edistream.jobs;

import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Label;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Sampling;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.TokenClass;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import io.edistream.schemas.UnmeasuredReason;
import io.edistream.schemas.UnmeasuredTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Builds records as a source publishes them. */
public final class Batches {

    public static final long GENERATOR = 0xABCDEF0123456789L;
    public static final int VOCABULARY = 172;
    public static final List<String> CLASSES = List.of("other", "digit", "result");

    private static final RecordCodec<TokenEntropyBatch> CODEC = RecordCodec.of(TokenEntropyBatch.class);

    private final TokenEntropyBatch batch = TokenEntropyBatch.newBuilder()
            .setGenerator(Ids.generatorId(GENERATOR))
            .setRecordNumber(0)
            .setDecodedAtMicros(0)
            .build();
    private final List<Sample> samples = new ArrayList<>();

    private Batches(long generator, long recordNumber) {
        batch.setGenerator(Ids.generatorId(generator));
        batch.setRecordNumber(recordNumber);
        batch.setDecodedAtMicros(1_000_000 + 100 * recordNumber);
        batch.setStarts(new ArrayList<>());
        batch.setRuns(new ArrayList<>());
        batch.setFinishes(new ArrayList<>());
    }

    public static Batches batch(long recordNumber) {
        return new Batches(GENERATOR, recordNumber);
    }

    public static Batches batch(long generator, long recordNumber) {
        return new Batches(generator, recordNumber);
    }

    public static SequenceStart newStart(long counter) {
        return SequenceStart.newBuilder()
                .setSequence(counter)
                .setGroup(0)
                .setModel("reasoner-s")
                .setRoute("default")
                .setEntropyKind(new EntropyKind(Distribution.RAW, Measurement.EXACT, 0))
                .setVocabularySize(VOCABULARY)
                .setPromptTokens(20)
                .setSampling(Sampling.newBuilder().setTemperature(0.8f).build())
                .setTokenClasses(CLASSES)
                .build();
    }

    public static Sample token(double entropy, double logprob, double confidence, int tokenClass) {
        return new Sample((float) entropy, Float.NaN, (float) logprob, (float) confidence, tokenClass, null);
    }

    public static Sample token(double entropy) {
        return token(entropy, -0.5, 4, 0);
    }

    /** A token of which nothing was measured, for a reason. */
    public static Sample unmeasured() {
        return new Sample(Float.NaN, Float.NaN, Float.NaN, Float.NaN, 0, UnmeasuredReason.SPECULATED);
    }

    public static List<Sample> tokens(double... entropies) {
        List<Sample> tokens = new ArrayList<>();
        for (double entropy : entropies) {
            tokens.add(token(entropy));
        }
        return tokens;
    }

    /** Mostly confident tokens, some forks, of three classes, a few of them unmeasured. */
    public static List<Sample> random(long seed, int tokens) {
        Random random = new Random(~seed);
        return measured(seed, tokens).stream()
                .map(token -> random.nextInt(30) == 0 ? unmeasured() : token)
                .toList();
    }

    /** Mostly confident tokens, some forks, of three classes. */
    public static List<Sample> measured(long seed, int tokens) {
        Random random = new Random(seed);
        List<Sample> sequence = new ArrayList<>();
        for (int i = 0; i < tokens; i++) {
            float entropy = random.nextInt(4) == 0 ? random.nextFloat() * 4 : random.nextFloat() * 0.1f;
            Sample measured = token(entropy, -random.nextFloat() * 3, random.nextFloat() * 20 + 3, random.nextInt(3));
            sequence.add(random.nextInt(30) == 0 ? unmeasured() : measured);
        }
        return sequence;
    }

    public Batches at(long decodedAtMicros) {
        batch.setDecodedAtMicros(decodedAtMicros);
        return this;
    }

    public Batches start(long counter) {
        return start(newStart(counter));
    }

    public Batches start(SequenceStart start) {
        batch.getStarts().add(start);
        return this;
    }

    public Batches run(long counter, int firstToken, List<Sample> tokens) {
        batch.getRuns().add(new TokenRun(counter, firstToken, tokens.size()));
        samples.addAll(tokens);
        return this;
    }

    public Batches run(long counter, int firstToken, Sample... tokens) {
        return run(counter, firstToken, List.of(tokens));
    }

    /** A run of which nothing was measured, without a word in any column. */
    public Batches bareRun(long counter, int firstToken, int tokens) {
        batch.getRuns().add(new TokenRun(counter, firstToken, tokens));
        return this;
    }

    public Batches finish(long counter, int tokens) {
        return finish(counter, tokens, FinishReason.END_OF_SEQUENCE, null);
    }

    public Batches finish(long counter, int tokens, FinishReason reason, @Nullable Boolean correct) {
        batch.getFinishes()
                .add(SequenceFinish.newBuilder()
                        .setSequence(counter)
                        .setTokens(tokens)
                        .setReason(reason)
                        .setLabel(correct == null ? null : new Label(correct, null, "test"))
                        .build());
        return this;
    }

    public TokenEntropyBatch build() {
        List<Float> entropies = new ArrayList<>();
        List<Float> uppers = new ArrayList<>();
        List<Float> logprobs = new ArrayList<>();
        List<Float> confidences = new ArrayList<>();
        List<UnmeasuredTokens> unmeasured = new ArrayList<>();
        List<TokenClass> classes = new ArrayList<>();
        for (Sample sample : samples) {
            int place = entropies.size();
            entropies.add(sample.entropy);
            uppers.add(sample.upper);
            logprobs.add(sample.logprob);
            confidences.add(sample.confidence);
            if (sample.reason != null) {
                unmeasured.add(new UnmeasuredTokens(place, 1, sample.reason));
            }
            if (sample.tokenClass != 0) {
                classes.add(new TokenClass(place, sample.tokenClass));
            }
        }
        batch.setEntropies(entropies);
        batch.setUpperBounds(uppers.stream().allMatch(upper -> upper.isNaN()) ? List.of() : uppers);
        batch.setLogprobs(logprobs);
        batch.setConfidences(confidences);
        batch.setUnmeasured(unmeasured);
        batch.setTokenClasses(classes);
        return batch;
    }

    /** The record as it is in Kafka. */
    public byte[] bytes() {
        return CODEC.encode(build());
    }

    /**
     * One token as it is sent.
     *
     * @param reason why it was not measured; null if it was
     */
    public record Sample(
            float entropy,
            float upper,
            float logprob,
            float confidence,
            int tokenClass,
            @Nullable UnmeasuredReason reason) {

        /** The token as the signals see it. */
        public io.edistream.signals.Token core() {
            return new io.edistream.signals.Token(entropy, upper, logprob, confidence, tokenClass);
        }
    }
}
