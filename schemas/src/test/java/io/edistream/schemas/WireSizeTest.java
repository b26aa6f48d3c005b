package io.edistream.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * What a token costs on the wire, against some 155 bytes of the usual JSON with log-probabilities: stored bytes of 1,000
 * sequences of 150 tokens on average, a step of 32 of them a batch of its own, uncompressed; key, framing, starts and
 * finishes included. Two tokens of three are of a class.
 */
class WireSizeTest {

    private static final int LIVE = 32;
    private static final int SEQUENCES = 1_000;
    private static final int MIN_TOKENS = 120;
    private static final int MAX_TOKENS = 180;
    private static final long SEED = 20_260_101;

    /** Counters that have as many bytes as those of a source that has run for a while. */
    private static final long FIRST_COUNTER = 100_000;

    private static final List<String> CLASSES = List.of("other", "digit", "result");

    private static final double MAX_OF_STARTS_AND_FINISHES = 0.85;
    private static final double MAX_BYTES_PER_TOKEN = 24;
    private static final double MAX_MORE_WITH_BOUNDS = 10;

    /** Kafka's record batch header; and lengths, deltas, attributes and header count of the one record in it. */
    private static final int KAFKA_BYTES = 61 + 9;

    private final RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);

    @Test
    void aTokenCostsAtMost24Bytes() {
        Cost cost = measure(false);

        assertThat(cost.tokensPerSequence).isBetween(148.0, 152.0);
        assertThat(cost.bytesPerToken).as("%s", cost).isLessThanOrEqualTo(MAX_BYTES_PER_TOKEN);
    }

    @Test
    void startsAndFinishesAreASmallShare() {
        Cost cost = measure(false);

        assertThat(cost.ofStartsAndFinishes).as("%s", cost).isBetween(0.5, MAX_OF_STARTS_AND_FINISHES);
    }

    @Test
    void boundsCostAtMost10BytesMore() {
        assertThat(measure(true).bytesPerToken - measure(false).bytesPerToken).isBetween(8.0, MAX_MORE_WITH_BOUNDS);
    }

    /**
     * What was measured.
     *
     * @param bytesPerToken stored bytes per token
     * @param ofStartsAndFinishes of these, bytes of starts and finishes
     * @param tokensPerSequence tokens per start
     */
    private record Cost(double bytesPerToken, double ofStartsAndFinishes, double tokensPerSequence) {}

    private Cost measure(boolean bounds) {
        SplittableRandom random = new SplittableRandom(SEED);
        Slot[] slots = new Slot[LIVE];
        int started = 0;
        int finished = 0;
        long tokens = 0;
        long bytes = 0;
        long bytesWithoutEnds = 0;
        for (int step = 0; finished < SEQUENCES; step++) {
            TokenEntropyBatch batch = empty(step);
            List<Float> values = new ArrayList<>();
            for (int i = 0; i < LIVE; i++) {
                if (slots[i] == null && started < SEQUENCES) {
                    slots[i] = new Slot(FIRST_COUNTER + started++, random.nextInt(MIN_TOKENS, MAX_TOKENS + 1));
                    batch.getStarts().add(start(slots[i].counter));
                }
                Slot slot = slots[i];
                if (slot == null) {
                    continue;
                }
                int tokenClass = random.nextInt(CLASSES.size());
                if (tokenClass > 0) {
                    batch.getTokenClasses().add(new TokenClass(values.size(), tokenClass));
                }
                batch.getRuns().add(new TokenRun(slot.counter, slot.decoded++, 1));
                values.add((float) random.nextDouble());
                if (slot.decoded == slot.tokens) {
                    batch.getFinishes().add(finish(slot.counter, slot.tokens));
                    slots[i] = null;
                    finished++;
                }
            }
            batch.setEntropies(values);
            batch.setLogprobs(values);
            batch.setConfidences(values);
            if (bounds) {
                batch.setUpperBounds(values);
                batch.setRestMasses(values);
            }
            tokens += values.size();
            bytes += stored(batch);
            batch.setStarts(List.of());
            batch.setFinishes(List.of());
            bytesWithoutEnds += stored(batch);
        }
        return new Cost(
                (double) bytes / tokens, (double) (bytes - bytesWithoutEnds) / tokens, (double) tokens / SEQUENCES);
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

    private int stored(TokenEntropyBatch batch) {
        return codec.encode(batch).length + Ids.GENERATOR_BYTES + KAFKA_BYTES;
    }

    private static TokenEntropyBatch empty(int step) {
        return TokenEntropyBatch.newBuilder()
                .setGenerator(Ids.generatorId(Records.GENERATOR))
                .setRecordNumber(1_000_000L + step)
                .setDecodedAtMicros(1_767_225_600_000_000L + step)
                .build();
    }

    private static SequenceStart start(long counter) {
        return SequenceStart.newBuilder()
                .setSequence(counter)
                .setGroup(counter)
                .setModel("reasoner-s")
                .setRoute("default")
                .setEngine("djl")
                .setEntropyKind(new EntropyKind(Distribution.RAW, Measurement.EXACT, 0))
                .setVocabularySize(172)
                .setPromptTokens(40)
                .setSampling(Sampling.newBuilder()
                        .setTemperature(1f)
                        .setTopK(0)
                        .setTopP(1f)
                        .setMinP(0f)
                        .setSeed(counter)
                        .build())
                .setTokenClasses(CLASSES)
                .setStartedAtMicros(1_767_225_600_000_000L)
                .build();
    }

    private static SequenceFinish finish(long counter, int tokens) {
        return SequenceFinish.newBuilder()
                .setSequence(counter)
                .setTokens(tokens)
                .setReason(FinishReason.END_OF_SEQUENCE)
                .setTokensDelivered(tokens)
                .setFinishedAtMicros(1_767_225_600_000_000L)
                .setAnswerClass(0)
                .build();
    }
}
