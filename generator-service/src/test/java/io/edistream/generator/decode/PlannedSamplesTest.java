package io.edistream.generator.decode;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.control.Commands;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlCommand.Arguments;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.metrics.Metrics;
import io.edistream.signals.groups.SamplePlan;
import io.edistream.signals.groups.Strategy;
import io.edistream.signals.groups.Votes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PlannedSamplesTest {

    /** The answer is the first token, one of three: samples agree now and then. */
    private static LoopFixture fixture(DecodeOptions options) {
        return new LoopFixture(
                FakeLanguageModel.endlessWithBlocks(2000),
                options,
                ControlOptions.defaults(),
                TokenClassifier.none(),
                tokens -> tokens.size() < 6 ? Optional.empty() : Optional.of(String.valueOf(tokens.get(0) % 3)));
    }

    private static double spared(LoopFixture fixture) {
        return Metrics.value(fixture.metrics, "edistream_generator_spared_samples");
    }

    private static GenerationRequest request(long seed) {
        return LoopFixture.request(1, seed).withMaxNewTokens(6);
    }

    /** Whatever the seed: as many samples as the plan wants after each end, and none beyond that. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void samplesStartOneAfterAnotherUntilTwoAgree(long seed) {
        LoopFixture fixture = fixture(DecodeOptions.defaults());
        SamplePlan plan = new SamplePlan(new Strategy.OneByOne(2), 8);
        PlannedSamples samples = fixture.loop.submit(request(seed), plan);
        fixture.runOut();
        List<GeneratedSequence> ended = samples.group().whenIdle().join();
        Votes votes = Votes.NONE;
        for (int i = 0; i < ended.size(); i++) {
            assertThat(plan.isSettled(votes, 0)).as("sample %s was wanted", i).isFalse();
            votes = votes.plus(ended.get(i).answerClass());
        }
        assertThat(plan.isSettled(votes, 0)).isTrue();
        assertThat(samples.votes()).isEqualTo(votes);
        assertThat(votes.most()).isEqualTo(2);
        assertThat(ended).hasSizeBetween(2, 4);
        assertThat(ended).extracting(one -> one.sampling().seed()).doesNotHaveDuplicates();
        assertThat(samples.group().planned()).isEqualTo(ended.size());
        assertThat(spared(fixture)).isEqualTo(8 - ended.size());
    }

    @Test
    void theFirstSamplesAreThoseOfAPlainRequest() {
        LoopFixture planned = fixture(DecodeOptions.defaults());
        PlannedSamples samples = planned.loop.submit(request(3), new SamplePlan(new Strategy.Waves(2, 2), 8));
        planned.runOut();
        assertThat(samples.group().whenIdle().join().size()).isEven().isLessThanOrEqualTo(8);
        for (GeneratedSequence one : samples.group().ended()) {
            LoopFixture alone = fixture(DecodeOptions.defaults());
            Sampling same =
                    request(3).sampling().withSeed(requireNonNull(one.sampling().seed()));
            var handle = alone.submit(request(3).withSampling(same));
            alone.runOut();
            assertThat(handle.completion().join().tokens()).isEqualTo(one.tokens());
        }
    }

    /** Eight at once: when the lead can no longer be lost, the others need not go on; they end as pruned. */
    @Test
    void whatNeedNotGoOnIsPruned() {
        LoopFixture fixture = new LoopFixture(
                FakeLanguageModel.endlessWithBlocks(2000),
                new DecodeOptions(3, 100, 128),
                ControlOptions.defaults(),
                TokenClassifier.none(),
                tokens -> Optional.of("the same"));
        PlannedSamples samples = fixture.loop.submit(request(5), new SamplePlan(new Strategy.AllAtOnce(), 8));
        fixture.runOut();
        List<GeneratedSequence> ended = samples.group().whenIdle().join();
        assertThat(ended).hasSize(8);
        assertThat(ended).extracting(GeneratedSequence::reason).contains(EndReason.PRUNED, EndReason.LENGTH);
        assertThat(samples.votes().most()).isGreaterThanOrEqualTo(5);
        assertThat(samples.votes().cast()).isLessThan(8);
    }

    @Test
    void aPlanSpendsItsBudgetWhereNobodyAgrees() {
        LoopFixture fixture = new LoopFixture(
                FakeLanguageModel.endlessWithBlocks(2000),
                DecodeOptions.defaults(),
                ControlOptions.defaults(),
                TokenClassifier.none(),
                AnswerExtractor.none());
        PlannedSamples samples = fixture.loop.submit(request(5), new SamplePlan(new Strategy.Waves(3, 2), 7));
        fixture.runOut();
        assertThat(samples.group().whenIdle().join()).hasSize(7);
        assertThat(samples.votes()).isEqualTo(new Votes(List.of(), 7));
        assertThat(spared(fixture)).isZero();
    }

    /** A strategy belongs to the source, a rule to the job, never both for one group. */
    @Test
    void noRuleDecidesBesideAStrategy() {
        LoopFixture fixture = fixture(DecodeOptions.defaults());
        PlannedSamples samples = fixture.loop.submit(request(3), new SamplePlan(new Strategy.OneByOne(2), 8));
        fixture.steps(2);
        Arguments two = new Arguments(false, null, 0, 0, 2, null, false, null, null, List.of(), Map.of());
        for (ControlAction action : List.of(ControlAction.START, ControlAction.PRUNE)) {
            assertThat(fixture.send(Commands.armed(
                                    new UUID(3, action.name().hashCode()),
                                    samples.group().id(),
                                    action,
                                    0,
                                    fixture.now.get(),
                                    two))
                            .refusal())
                    .isEqualTo(RefusalReason.CALLER);
        }
    }

    @Test
    void firstSamplesThatFindTheQueueFullAreRefusedAndLaterOnesAreNot() {
        LoopFixture fixture = fixture(new DecodeOptions(1, 2, 128));
        assertThatExceptionOfType(RejectedExecutionException.class)
                .isThrownBy(() -> fixture.loop.submit(request(3), new SamplePlan(new Strategy.AllAtOnce(), 3)));
        PlannedSamples samples = fixture.loop.submit(request(3), new SamplePlan(new Strategy.OneByOne(3), 8));
        fixture.loop.submit(request(4).withSampling(Sampling.greedy()), 1);
        fixture.runOut();
        assertThat(samples.votes().most()).isEqualTo(3);
    }

    @Test
    void whoCancelsGetsNoMoreSamples() {
        LoopFixture fixture = fixture(DecodeOptions.defaults());
        PlannedSamples samples = fixture.loop.submit(request(3), new SamplePlan(new Strategy.Waves(2, 8), 8));
        fixture.steps(2);
        samples.group().cancel();
        fixture.runOut();
        assertThat(samples.group().whenIdle().join())
                .extracting(GeneratedSequence::reason)
                .containsExactly(EndReason.CANCELLED, EndReason.CANCELLED);
        assertThat(spared(fixture)).as("given up is not spared").isZero();
    }

    @Test
    void aGeneratorThatIsClosedStartsNoMoreSamples() {
        LoopFixture fixture = fixture(DecodeOptions.defaults());
        PlannedSamples samples = fixture.loop.submit(request(3), new SamplePlan(new Strategy.OneByOne(8), 8));
        fixture.steps(2);
        fixture.loop.shutDown(EndReason.CANCELLED);
        assertThat(samples.group().whenIdle().join())
                .extracting(GeneratedSequence::reason)
                .containsExactly(EndReason.CANCELLED);
        assertThat(spared(fixture)).as("given up is not spared").isZero();
    }

    /** One slot: four of eight votes settle it, since of equals the first leads; the fifth has begun, and three still wait. */
    @Test
    void whatStillWaitedWhenTheVoteWasSettledIsSpared() {
        LoopFixture fixture = new LoopFixture(
                FakeLanguageModel.endlessWithBlocks(2000),
                new DecodeOptions(1, 100, 128),
                ControlOptions.defaults(),
                TokenClassifier.none(),
                tokens -> Optional.of("the same"));
        PlannedSamples samples = fixture.loop.submit(request(5), new SamplePlan(new Strategy.AllAtOnce(), 8));
        fixture.runOut();
        assertThat(samples.group().whenIdle().join())
                .extracting(one -> one.tokens().size())
                .containsExactlyInAnyOrder(6, 6, 6, 6, 1, 0, 0, 0);
        assertThat(spared(fixture)).isEqualTo(3);
    }

    @Test
    void whatWasSparedIsCountedOnceThoughASampleJoinsLater() {
        LoopFixture fixture = fixture(DecodeOptions.defaults());
        PlannedSamples samples = fixture.loop.submit(request(3), new SamplePlan(new Strategy.OneByOne(1), 8));
        fixture.runOut();
        assertThat(spared(fixture)).isEqualTo(7);
        fixture.loop.join(samples.group(), request(4));
        fixture.runOut();
        assertThat(samples.group().ended()).hasSize(2);
        assertThat(spared(fixture)).isEqualTo(7);
    }
}
