package io.edistream.jobs.watch;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.tokens;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Step;
import io.edistream.schemas.StepDecoder;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.UnmeasuredReason;
import io.edistream.schemas.UnmeasuredTokens;
import io.edistream.schemas.UnreadableRecordException;
import io.edistream.signals.EntropyKind;
import io.edistream.signals.monitor.SequenceInfo;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TokenCheckTest {

    private static final SequenceInfo UP_TO_TWO_NATS =
            new SequenceInfo(0, "reasoner-s", "default", "", EntropyKind.RAW_EXACT, 7, 2, 3, 0);
    private static final float NAN = Float.NaN;

    /** A step of one token with a column of entropies alone, unless it is changed. */
    private static Step step(Consumer<TokenEntropyBatch> change) throws UnreadableRecordException {
        TokenEntropyBatch batch = batch(0).run(1, 0, tokens(1)).build();
        batch.setEntropies(List.of(1f));
        batch.setUpperBounds(List.of());
        batch.setLogprobs(List.of());
        batch.setConfidences(List.of());
        change.accept(batch);
        Step step = new Step();
        new StepDecoder().decode(RecordCodec.of(TokenEntropyBatch.class).encode(batch), step);
        return step;
    }

    private static boolean isPossible(Consumer<TokenEntropyBatch> change) throws UnreadableRecordException {
        return TokenCheck.isPossible(step(change), 0, UP_TO_TWO_NATS);
    }

    private static void explain(TokenEntropyBatch batch) {
        batch.setUnmeasured(List.of(new UnmeasuredTokens(0, 1, UnmeasuredReason.LOST)));
    }

    @Test
    void aColumnThatIsNotThereNeedsNoReason() throws Exception {
        assertThat(isPossible(batch -> {})).isTrue();
        assertThat(isPossible(batch -> {
                    batch.setEntropies(List.of());
                    batch.setLogprobs(List.of(-1f));
                }))
                .isTrue();
        assertThat(isPossible(batch -> {
                    batch.setEntropies(List.of());
                    batch.setConfidences(List.of(3f));
                }))
                .isTrue();
    }

    @Test
    void aHoleInAColumnNeedsOne() throws Exception {
        List<Consumer<TokenEntropyBatch>> holes = List.of(
                batch -> batch.setEntropies(List.of(NAN)),
                batch -> batch.setLogprobs(List.of(NAN)),
                batch -> batch.setConfidences(List.of(NAN)));
        for (Consumer<TokenEntropyBatch> hole : holes) {
            assertThat(isPossible(hole)).isFalse();
            assertThat(TokenCheck.problem(step(hole), 0, 9, UP_TO_TWO_NATS))
                    .isEqualTo("token 9 has the value NaN: must be a number, or column unmeasured must say why it is"
                            + " none");
            assertThat(isPossible(hole.andThen(TokenCheckTest::explain))).isTrue();
        }
    }

    @Test
    void anEntropyMayBeTheLargestThatIsPossible() throws Exception {
        assertThat(isPossible(batch -> batch.setEntropies(List.of(2f)))).isTrue();
        assertThat(isPossible(batch -> batch.setEntropies(List.of(Math.nextUp(2f)))))
                .isFalse();
        // What is wrong is the other value.
        Step step = step(batch -> {
            batch.setEntropies(List.of(2f));
            batch.setLogprobs(List.of(1f));
        });
        assertThat(TokenCheck.isPossible(step, 0, UP_TO_TWO_NATS)).isFalse();
        assertThat(TokenCheck.problem(step, 0, 9, UP_TO_TWO_NATS)).isEqualTo("token 9: logprob 1.0: must be at most 0");
    }

    @Test
    void withoutAKnownVocabularyAnyFiniteEntropyIsPossible() {
        assertThat(TokenCheck.maxEntropyNats(0)).isEqualTo(Double.POSITIVE_INFINITY);
        // ln 1 is 0.
        assertThat(TokenCheck.maxEntropyNats(1)).isEqualTo(1e-3);
    }
}
