package io.edistream.jobs;

import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Token;
import io.edistream.schemas.TokenDetail;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Builds batches as a generator publishes them. */
public final class Batches {

    public static final long GENERATOR = 0xABCDEF0123456789L;
    public static final int VOCABULARY = 172;
    public static final List<String> CLASSES = List.of("other", "digit", "result");

    private final TokenEntropyBatch batch = new TokenEntropyBatch();

    private Batches(long recordNumber) {
        batch.setGenerator(Ids.generatorId(GENERATOR));
        batch.setRecordNumber(recordNumber);
        batch.setDecodedAtMicros(1_000_000 + 100 * recordNumber);
        batch.setStarts(new ArrayList<>());
        batch.setRuns(new ArrayList<>());
        batch.setDetails(new ArrayList<>());
        batch.setFinishes(new ArrayList<>());
    }

    public static Batches batch(long recordNumber) {
        return new Batches(recordNumber);
    }

    public static SequenceStart newStart(long counter) {
        SequenceStart start = new SequenceStart();
        start.setSequence(counter);
        start.setGroup(0);
        start.setModel("reasoner-s");
        start.setRoute("default");
        start.setEntropyKind(EntropyKind.FULL_VOCAB_RAW);
        start.setVocabularySize(VOCABULARY);
        start.setPromptTokens(20);
        start.setTokenClasses(CLASSES);
        return start;
    }

    public static Token token(double entropy, double logprob, double confidence, int tokenClass) {
        return new Token((float) entropy, (float) logprob, (float) confidence, tokenClass);
    }

    public static Token token(double entropy) {
        return token(entropy, -0.5, 4, 0);
    }

    /** Mostly confident tokens, some forks, of three classes. */
    public static List<Token> random(long seed, int tokens) {
        Random random = new Random(seed);
        List<Token> sequence = new ArrayList<>();
        for (int i = 0; i < tokens; i++) {
            float entropy = random.nextInt(4) == 0 ? random.nextFloat() * 4 : random.nextFloat() * 0.1f;
            sequence.add(token(entropy, -random.nextFloat() * 3, random.nextFloat() * 20 + 3, random.nextInt(3)));
        }
        return sequence;
    }

    public Batches start(long counter) {
        return start(newStart(counter));
    }

    public Batches start(SequenceStart start) {
        batch.getStarts().add(start);
        return this;
    }

    public Batches run(long counter, int firstToken, List<Token> tokens) {
        batch.getRuns().add(new TokenRun(counter, firstToken, tokens));
        return this;
    }

    public Batches run(long counter, int firstToken, Token... tokens) {
        return run(counter, firstToken, List.of(tokens));
    }

    public Batches details(int count) {
        for (int i = 0; i < count; i++) {
            batch.getDetails().add(new TokenDetail());
        }
        return this;
    }

    public Batches finish(long counter, int tokens) {
        return finish(counter, tokens, FinishReason.END_OF_SEQUENCE, null);
    }

    public Batches finish(long counter, int tokens, FinishReason reason, @Nullable Boolean correct) {
        SequenceFinish finish = new SequenceFinish();
        finish.setSequence(counter);
        finish.setTokens(tokens);
        finish.setReason(reason);
        finish.setCorrect(correct);
        batch.getFinishes().add(finish);
        return this;
    }

    public TokenEntropyBatch build() {
        return batch;
    }
}
