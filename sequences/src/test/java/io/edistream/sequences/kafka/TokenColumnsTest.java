package io.edistream.sequences.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.schemas.ForcedTokens;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Step;
import io.edistream.schemas.StepDecoder;
import io.edistream.schemas.TokenClass;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.UnmeasuredTokens;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.Phase;
import io.edistream.sequences.TokenStats;
import io.edistream.sequences.UnmeasuredReason;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.event.TokenRun;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The columns as they are read back from the bytes. */
class TokenColumnsTest {

    private static final EventOptions DETAILS = new EventOptions(true, false, false, false, false, 0);
    private static final EventOptions IDS = new EventOptions(false, true, false, false, false, 0);
    private static final float NAN = Float.NaN;

    @Test
    void aRecordWithoutTokensHasEmptyColumns() throws Exception {
        TokenEntropyBatch batch = written(EventOptions.everything(), List.of());
        assertThat(batch.getEntropies()).isEmpty();
        assertThat(batch.getRanks()).isEmpty();
    }

    @Test
    void placesAreCountedThroughAllRuns() throws Exception {
        TokenEntropyBatch batch = written(
                EventOptions.numbersOnly(),
                List.of(
                        run(7, 3, drawn(1, 0), drawn(2, 5)),
                        run(8, 0, drawn(3, 127)),
                        run(9, 1, drawn(4, 0), drawn(5, 1))));
        assertThat(batch.getRuns())
                .containsExactly(
                        new io.edistream.schemas.TokenRun(7L, 3, 2),
                        new io.edistream.schemas.TokenRun(8L, 0, 1),
                        new io.edistream.schemas.TokenRun(9L, 1, 2));
        assertThat(batch.getEntropies()).containsExactly(1f, 2f, 3f, 4f, 5f);
        assertThat(batch.getLogprobs()).containsExactly(-1f, -2f, -3f, -4f, -5f);
        assertThat(batch.getConfidences()).containsExactly(10f, 20f, 30f, 40f, 50f);
        assertThat(batch.getTokenClasses())
                .containsExactly(new TokenClass(1, 5), new TokenClass(2, 127), new TokenClass(4, 1));
        assertThat(batch.getUnmeasured()).isEmpty();
        assertThat(batch.getForced()).isEmpty();
        assertThat(batch.getPhases()).isEmpty();
        assertThat(batch.getRanks()).isEmpty();
        assertThat(batch.getSelfCertainties()).isEmpty();
        assertThat(batch.getVarentropies()).isEmpty();
        assertThat(batch.getTokenIds()).isEmpty();
    }

    @Test
    void boundsAreColumnsOnlyWhereThereAreSome() throws Exception {
        TokenStats bounded = new TokenStats(17, 1.5f, -1, 5, NAN, NAN, 3, 2.5f, .25f);
        TokenStats withoutVocabulary = new TokenStats(18, 1, -1, 5, NAN, NAN, -1, NAN, .5f);
        TokenEntropyBatch batch = written(
                EventOptions.numbersOnly(),
                List.of(run(
                        7, 0, DecodedToken.drawn(bounded, 0), DecodedToken.drawn(withoutVocabulary, 0), drawn(3, 0))));
        assertThat(batch.getEntropies()).containsExactly(1.5f, 1f, 3f);
        assertThat(batch.getUpperBounds()).containsExactly(2.5f, NAN, NAN);
        assertThat(batch.getRestMasses()).containsExactly(.25f, .5f, NAN);
        assertThat(written(EventOptions.numbersOnly(), List.of(run(7, 0, drawn(3, 0))))
                        .getUpperBounds())
                .isEmpty();
    }

    @Test
    void detailsAndTokenIdsAreSwitchedApart() throws Exception {
        List<TokenRun> runs = List.of(run(7, 0, drawn(1, 0), drawn(2, 0)));
        TokenEntropyBatch details = written(DETAILS, runs);
        assertThat(details.getRanks()).containsExactly(4, 8);
        assertThat(details.getSelfCertainties()).containsExactly(100f, 200f);
        assertThat(details.getVarentropies()).containsExactly(1000f, 2000f);
        assertThat(details.getTokenIds()).isEmpty();
        TokenEntropyBatch ids = written(IDS, runs);
        assertThat(ids.getTokenIds()).containsExactly(17, 18);
        assertThat(ids.getRanks()).isEmpty();
        assertThat(ids.getSelfCertainties()).isEmpty();
        assertThat(ids.getVarentropies()).isEmpty();
    }

    @Test
    void unmeasuredAndForcedTokensAreNamedByTheirPlaces() throws Exception {
        DecodedToken halfMeasured = new DecodedToken(
                new TokenStats(3, 1.5f, -.5f, NAN, NAN, NAN, -1),
                0,
                UnmeasuredReason.NOT_OFFERED,
                false,
                Phase.UNKNOWN);
        TokenEntropyBatch batch = written(
                EventOptions.everything(),
                List.of(
                        run(7, 0, forced(5), drawn(2, 0), lost(6)),
                        run(8, 0, lost(7), forced(8), forced(9), halfMeasured, drawn(1, 0))));
        assertThat(batch.getEntropies()).containsExactly(NAN, 2f, NAN, NAN, NAN, NAN, 1.5f, 1f);
        assertThat(batch.getConfidences()).containsExactly(NAN, 20f, NAN, NAN, NAN, NAN, NAN, 10f);
        assertThat(batch.getUnmeasured())
                .containsExactly(
                        new UnmeasuredTokens(0, 1, io.edistream.schemas.UnmeasuredReason.FORCED),
                        new UnmeasuredTokens(2, 2, io.edistream.schemas.UnmeasuredReason.LOST),
                        new UnmeasuredTokens(4, 2, io.edistream.schemas.UnmeasuredReason.FORCED),
                        new UnmeasuredTokens(6, 1, io.edistream.schemas.UnmeasuredReason.NOT_OFFERED));
        assertThat(batch.getForced()).containsExactly(new ForcedTokens(0, 1), new ForcedTokens(4, 2));
        assertThat(batch.getRanks()).containsExactly(-1, 8, -1, -1, -1, -1, -1, 4);
        assertThat(batch.getTokenIds()).containsExactly(5, 18, 6, 7, 8, 9, 3, 17);
    }

    @Test
    void whatNobodyMeasuredHasNoColumn() throws Exception {
        TokenEntropyBatch batch = written(EventOptions.everything(), List.of(run(7, 0, lost(-1), lost(-1))));
        assertThat(batch.getEntropies()).isEmpty();
        assertThat(batch.getLogprobs()).isEmpty();
        assertThat(batch.getConfidences()).isEmpty();
        assertThat(batch.getRanks()).isEmpty();
        assertThat(batch.getSelfCertainties()).isEmpty();
        assertThat(batch.getTokenIds()).isEmpty();
        assertThat(batch.getUnmeasured())
                .containsExactly(new UnmeasuredTokens(0, 2, io.edistream.schemas.UnmeasuredReason.LOST));
    }

    @Test
    void phasesAreToldWhenTheSourceTellsAny() throws Exception {
        DecodedToken thinking = new DecodedToken(drawn(1, 0).stats(), 0, null, false, Phase.THINKING);
        TokenEntropyBatch batch =
                written(EventOptions.numbersOnly(), List.of(run(7, 0, thinking), run(8, 0, drawn(2, 0))));
        assertThat(batch.getPhases())
                .containsExactly(io.edistream.schemas.Phase.THINKING, io.edistream.schemas.Phase.UNKNOWN);
    }

    @Test
    void theJobsDecoderReadsTheSame() throws Exception {
        List<TokenRun> runs = List.of(run(7, 3, drawn(1, 2), forced(5)), run(8, 0, drawn(3, 0)));
        Step step = new Step();
        new StepDecoder().decode(bytes(EventOptions.everything(), runs), step);
        assertThat(step.columnProblem()).isEmpty();
        assertThat(step.runs()).isEqualTo(2);
        assertThat(step.place(1)).isEqualTo(2);
        assertThat(step.entropy(0)).isEqualTo(1);
        assertThat(step.entropy(1)).isNaN();
        assertThat(step.isUnmeasured(1)).isTrue();
        assertThat(step.confidence(2)).isEqualTo(30);
        assertThat(step.tokenClass(0)).isEqualTo(2);
        assertThat(step.tokenClass(1)).isZero();
    }

    @Test
    void aTokenSaysWhyItIsUnmeasuredIfAndOnlyIfItIs() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DecodedToken.drawn(TokenStats.unmeasured(3), 0))
                .withMessageContaining("reason");
        for (TokenStats partly : List.of(
                new TokenStats(3, NAN, -1, 1, 1, 1, 0),
                new TokenStats(3, 1, NAN, 1, 1, 1, 0),
                new TokenStats(3, 1, -1, NAN, 1, 1, 0))) {
            assertThatIllegalArgumentException().isThrownBy(() -> DecodedToken.drawn(partly, 0));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new DecodedToken(drawn(1, 0).stats(), 0, UnmeasuredReason.LOST, false, Phase.UNKNOWN));
        // What is only a detail needs none.
        assertThat(DecodedToken.drawn(new TokenStats(3, 1, -1, 1, NAN, NAN, -1), 0)
                        .unmeasured())
                .isNull();
    }

    @Test
    void classesHaveBounds() {
        assertThatIllegalArgumentException().isThrownBy(() -> drawn(1, 128)).withMessageContaining("from 0 to 127");
        assertThatIllegalArgumentException().isThrownBy(() -> drawn(1, -1)).withMessageContaining("not -1");
    }

    /** Token 16 + n with values that are multiples of n. */
    private static DecodedToken drawn(int n, int tokenClass) {
        return DecodedToken.drawn(new TokenStats(16 + n, n, -n, 10 * n, 100 * n, 1000 * n, 4 * n), tokenClass);
    }

    private static DecodedToken lost(int id) {
        return DecodedToken.unmeasured(id, UnmeasuredReason.LOST, Phase.UNKNOWN);
    }

    private static DecodedToken forced(int id) {
        return DecodedToken.unmeasured(id, UnmeasuredReason.FORCED, Phase.UNKNOWN);
    }

    private static TokenRun run(long sequence, int first, DecodedToken... tokens) {
        return new TokenRun(sequence, first, List.of(tokens), null);
    }

    private static TokenEntropyBatch written(EventOptions options, List<TokenRun> runs) throws Exception {
        return RecordCodec.of(TokenEntropyBatch.class).decode(bytes(options, runs));
    }

    private static byte[] bytes(EventOptions options, List<TokenRun> runs) {
        return RecordCodec.of(TokenEntropyBatch.class)
                .encode(new AvroEvents(1, options).batch(new StepEvents(5, List.of(), runs, List.of()), 0));
    }
}
