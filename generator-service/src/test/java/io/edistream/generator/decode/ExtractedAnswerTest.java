package io.edistream.generator.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.answers.Extraction;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.signals.groups.SamplePlan;
import io.edistream.signals.groups.Strategy;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Answers that the request finds in its texts, on routes that find none or others. Texts are the ids of tokens. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ExtractedAnswerTest {

    private static final Extraction LAST_NUMBER = Extraction.parse("last_number");

    private static LoopFixture fixture(AnswerExtractor answers) {
        return new LoopFixture(
                FakeLanguageModel.endlessWithBlocks(2000),
                DecodeOptions.defaults(),
                ControlOptions.defaults(),
                TokenClassifier.none(),
                answers);
    }

    private static GeneratedSequence decoded(LoopFixture fixture, GenerationRequest request) {
        GenerationHandle handle = fixture.submit(request.withMaxNewTokens(5));
        fixture.runOut();
        return handle.completion().join();
    }

    private static GenerationRequest request() {
        return LoopFixture.request(0, 1);
    }

    @Test
    void aRouteThatFindsNoneHasThoseOfTheRequest() {
        LoopFixture fixture = fixture(AnswerExtractor.none());
        GeneratedSequence plain = decoded(fixture, request());
        assertThat(plain.answer()).isNull();
        String last = Integer.toString(plain.tokens().get(4).id());
        GeneratedSequence extracted =
                decoded(fixture, request().extractedBy(LAST_NUMBER).checkedBy(AnswerCheck.expecting(last)));
        assertThat(extracted.text()).isEqualTo(plain.text());
        assertThat(extracted.answer()).isEqualTo(last);
        assertThat(extracted.answerClass()).isZero();
        assertThat(extracted.correct()).isTrue();
    }

    @Test
    void whatTheRequestSaysHoldsBeforeWhatTheRouteSays() {
        LoopFixture fixture = fixture(tokens -> Optional.of("the route's"));
        assertThat(decoded(fixture, request()).answer()).isEqualTo("the route's");
        GeneratedSequence extracted = decoded(fixture, request().extractedBy(Extraction.parse("regex:^[0-9]+")));
        assertThat(extracted.answer())
                .isEqualTo(Integer.toString(extracted.tokens().get(0).id()));
        assertThat(decoded(fixture, request().extractedBy(Extraction.parse("boxed")))
                        .answer())
                .isNull();
    }

    @Test
    void whatIsBehindAStopStringIsNoAnswer() {
        LoopFixture fixture = fixture(AnswerExtractor.none());
        GeneratedSequence plain = decoded(fixture, request());
        String third = " " + plain.tokens().get(2).id();
        GeneratedSequence stopped =
                decoded(fixture, request().extractedBy(LAST_NUMBER).stoppedBy(List.of(third)));
        assertThat(stopped.reason()).isEqualTo(EndReason.STOP_STRING);
        assertThat(stopped.answer())
                .isEqualTo(Integer.toString(plain.tokens().get(1).id()));
    }

    @Test
    void whoStillThinksHasNotAnswered() {
        GenerationRequest request = request().extractedBy(LAST_NUMBER);
        assertThat(decoded(fixture(thinking(true)), request).answer()).isNull();
        assertThat(decoded(fixture(thinking(false)), request).answer()).isNotNull();
    }

    /** Of ten last digits two are equal by the eleventh sample at the latest. */
    @Test
    void theyAreWhatSamplesInWavesVoteWith() {
        LoopFixture fixture = fixture(AnswerExtractor.none());
        GenerationRequest request =
                LoopFixture.request(1, 4).withMaxNewTokens(5).extractedBy(Extraction.parse("regex:[0-9]$"));
        PlannedSamples samples = fixture.loop.submit(request, new SamplePlan(new Strategy.OneByOne(2), 64));
        fixture.runOut();
        List<GeneratedSequence> ended = samples.group().whenIdle().join();
        assertThat(ended).hasSizeBetween(2, 11);
        assertThat(samples.votes().most()).isEqualTo(2);
        String agreed = ended.get(ended.size() - 1).answer();
        assertThat(ended).filteredOn(one -> agreed.equals(one.answer())).hasSize(2);
    }

    private static AnswerExtractor thinking(boolean open) {
        return new AnswerExtractor() {
            @Override
            public Optional<String> answer(List<Integer> tokens) {
                return Optional.empty();
            }

            @Override
            public boolean isThinking(List<Integer> tokens) {
                return open;
            }
        };
    }
}
