package io.edistream.jobs.watch;

import static io.edistream.jobs.Batches.batch;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches.Sample;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Step;
import io.edistream.schemas.StepDecoder;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.UnmeasuredReason;
import io.edistream.schemas.UnreadableRecordException;
import io.edistream.signals.EntropyKind;
import io.edistream.signals.Token;
import io.edistream.signals.monitor.SequenceInfo;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenCheckTest {

    private static final float NAN = Float.NaN;
    private static final int CLASSES = 3;

    /** ln 8 is 3 ln 2. */
    private static final double LN_8 = 3 * 0.6931471805599453;

    private static SequenceInfo info(int vocabulary) {
        return new SequenceInfo(
                0, "m", "r", "", EntropyKind.RAW_EXACT, vocabulary, TokenCheck.maxEntropyNats(vocabulary), CLASSES, 0);
    }

    private static Step step(TokenEntropyBatch batch) {
        Step step = new Step();
        try {
            new StepDecoder().decode(RecordCodec.of(TokenEntropyBatch.class).encode(batch), step);
        } catch (UnreadableRecordException e) {
            throw new AssertionError(e);
        }
        assertThat(step.columnProblem()).isEmpty();
        return step;
    }

    private static Step step(Sample sample) {
        return step(batch(0).run(1, 0, sample).build());
    }

    private static Sample sample(float entropy, float upper, float logprob, float confidence, int tokenClass) {
        return new Sample(entropy, upper, logprob, confidence, tokenClass, null);
    }

    private static void assertPossible(Sample sample, int vocabulary, boolean possible, String problem) {
        Step step = step(sample);
        assertThat(TokenCheck.isPossible(step, 0, info(vocabulary))).isEqualTo(possible);
        if (!possible) {
            assertThat(TokenCheck.problem(step, 0, 17, info(vocabulary)))
                    .contains("token")
                    .contains("17")
                    .contains(problem);
        } else {
            assertThat(TokenCheck.token(step, 0)).isEqualTo(sample.core());
        }
    }

    @ParameterizedTest
    @CsvSource({
        // value, whether it is possible, what is said if not
        "0, true, ''",
        "-1e-6, true, ''",
        "-1.1e-6, false, 'must be finite and at least 0 nats'",
        "-Infinity, false, entropy -Infinity",
        "2.0804, true, ''",
        "2.0805, false, 'must be at most 2.08044'",
        "Infinity, false, 'must be at most 2.08044'"
    })
    void anEntropyIsFromZeroToLnOfTheVocabulary(float entropy, boolean possible, String problem) {
        assertThat(LN_8 + 1e-3).isBetween(2.0804, 2.0805);
        assertPossible(sample(entropy, NAN, -1, 5, 0), 8, possible, problem);
    }

    @ParameterizedTest
    @CsvSource({"30, true", "3e38, true", "Infinity, false", "-0.1, false"})
    void withoutAVocabularyAnEntropyIsOnlyFinite(float entropy, boolean possible) {
        assertThat(TokenCheck.maxEntropyNats(0)).isEqualTo(Double.POSITIVE_INFINITY);
        assertPossible(sample(entropy, NAN, -1, 5, 0), 0, possible, "finite and at least 0");
    }

    @ParameterizedTest
    @CsvSource({"1, true", "1.5, true", "0.9999995, true", "0.99999, false", "Infinity, false", "NaN, true"})
    void anUpperBoundIsAtLeastTheEntropy(float upper, boolean possible) {
        assertPossible(sample(1, upper, -1, 5, 0), 8, possible, "upper bound");
    }

    @ParameterizedTest
    @CsvSource({
        "0, true",
        "1e-6, true",
        "1.1e-6, false",
        "Infinity, false",
        "-100, true",
        "-9999, true",
        "-Infinity, true"
    })
    void aLogprobIsAtMostZeroAndASentinelIsNoMistake(float logprob, boolean possible) {
        assertPossible(sample(1, NAN, logprob, 5, 0), 8, possible, "logprob");
    }

    @ParameterizedTest
    @CsvSource({"0, true", "-1e-6, true", "-1.1e-6, false", "399.9, true", "400, false", "Infinity, false"})
    void aConfidenceIsFromZeroToItsLimit(float confidence, boolean possible) {
        assertPossible(sample(1, NAN, -1, confidence, 0), 8, possible, "confidence");
    }

    @ParameterizedTest
    @CsvSource({"0, true", "2, true", "3, false", "127, false"})
    void aClassIsOneThatTheStartNames(int tokenClass, boolean possible) {
        assertPossible(
                sample(1, NAN, -1, 5, tokenClass), 8, possible, "must be 0 to 2, the classes that the start names");
    }

    @Test
    void nanNeedsAReasonInAColumnThatIsThere() {
        String problem = "must be a number, or column unmeasured must say why";
        assertPossible(sample(NAN, NAN, -1, 5, 0), 8, false, problem);
        assertPossible(sample(1, NAN, NAN, 5, 0), 8, false, problem);
        assertPossible(sample(1, NAN, -1, NAN, 0), 8, false, problem);
        assertPossible(new Sample(NAN, NAN, NAN, NAN, 0, UnmeasuredReason.LOST), 8, true, "");
        assertPossible(new Sample(1, NAN, NAN, 5, 0, UnmeasuredReason.NOT_OFFERED), 8, true, "");
        // An upper bound of an entropy that nobody measured cannot be.
        assertPossible(new Sample(NAN, 1, -1, 5, 0, UnmeasuredReason.LOST), 8, false, "must be measured");
    }

    @Test
    void aColumnThatIsEmptyNeedsNoReason() {
        TokenEntropyBatch batch = batch(0).run(1, 0, sample(1, NAN, -1, 5, 0)).build();
        batch.setLogprobs(List.of());
        batch.setConfidences(List.of());
        Step step = step(batch);
        assertThat(TokenCheck.isPossible(step, 0, info(8))).isTrue();
        assertThat(TokenCheck.token(step, 0)).isEqualTo(Token.ofEntropy(1));

        batch.setConfidences(List.of(NAN));
        assertThat(TokenCheck.isPossible(step(batch), 0, info(8))).isFalse();

        batch.setEntropies(List.of());
        batch.setConfidences(List.of(5f));
        assertThat(TokenCheck.isPossible(step(batch), 0, info(8))).isTrue();
    }

    @Test
    void anEntropyMayBeTheLargestOne() {
        SequenceInfo upToTwoNats = new SequenceInfo(0, "m", "r", "", EntropyKind.RAW_EXACT, 7, 2, CLASSES, 0);
        assertThat(TokenCheck.isPossible(step(sample(2, NAN, -1, 5, 0)), 0, upToTwoNats))
                .isTrue();
        assertThat(TokenCheck.isPossible(step(sample(Math.nextUp(2f), NAN, -1, 5, 0)), 0, upToTwoNats))
                .isFalse();
    }
}
