package io.edistream.generator.decode;

import static io.edistream.generator.decode.LoopFixture.ids;
import static io.edistream.generator.decode.LoopFixture.request;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.SamplingChange;
import io.edistream.sequences.TokenListener;
import io.edistream.sequences.control.Commands;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlCommand.Arguments;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.event.SamplingChanged;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.event.StepEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CONCLUDE, SET_SAMPLING and START, and what a request can say of its end. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ActionTest {

    private final LoopFixture fixture = LoopFixture.endless();
    private long nextCommand;

    private ControlOutcome send(LoopFixture to, long sequence, ControlAction action, Arguments arguments) {
        return to.send(Commands.armed(new UUID(9, nextCommand++), sequence, action, 0, to.now.get(), arguments));
    }

    static Arguments conclude(@Nullable String text, Integer... ids) {
        return new Arguments(false, null, 0, 0, 0, null, false, null, text, List.of(ids), Map.of());
    }

    static Arguments sampling(SamplingChange change) {
        return new Arguments(false, null, 0, 0, 0, null, false, change, null, List.of(), Map.of());
    }

    static Arguments start(int samples, @Nullable SamplingChange change) {
        return new Arguments(false, null, 0, 0, samples, null, false, change, null, List.of(), Map.of());
    }

    @Test
    void forcedTokensAreInTheStreamAndMarkedAndTheRestIsDrawnBehindThem() {
        GenerationHandle handle = fixture.submit(request(1, 3));
        fixture.steps(5);
        ControlOutcome outcome = send(fixture, handle.counter(), ControlAction.CONCLUDE, conclude("30 31"));
        fixture.runOut();

        assertThat(outcome.kind()).isEqualTo(OutcomeKind.APPLIED);
        int at = outcome.appliedAtToken();
        GeneratedSequence ended = handle.completion().join();
        assertThat(ids(ended).subList(at, at + 2)).containsExactly(30, 31);
        for (int i = 0; i < ended.tokens().size(); i++) {
            assertThat(ended.tokens().get(i).forced()).as("token %s", i).isEqualTo(i == at || i == at + 1);
        }
        assertThat(ended.reason()).isEqualTo(EndReason.LENGTH);

        // The same tokens as a prompt: the model goes on as it would from there, and the statistics are those of the
        // forced token.
        LoopFixture other = LoopFixture.endless();
        List<Integer> prompt = new ArrayList<>(List.of(5, 6, 7, 8, 9));
        prompt.addAll(ids(ended).subList(0, at));
        GenerationHandle asked = other.submit(
                GenerationRequest.of(prompt).withSampling(Sampling.greedy()).withMaxNewTokens(1));
        other.runOut();
        DecodedToken greedy = asked.completion().join().tokens().get(0);
        assertThat(ended.tokens().get(at).stats().entropyNats())
                .isEqualTo(greedy.stats().entropyNats());
        assertThat(ended.tokens().get(at).stats().logProbability())
                .isLessThanOrEqualTo(greedy.stats().logProbability());
    }

    @Test
    void idsWinOverTheText() {
        GenerationHandle handle = fixture.submit(request(1, 3));
        fixture.steps(2);
        ControlOutcome outcome = send(fixture, handle.counter(), ControlAction.CONCLUDE, conclude("30", 33));
        fixture.runOut();
        assertThat(ids(handle.completion().join()))
                .element(outcome.appliedAtToken())
                .isEqualTo(33);
    }

    @Test
    void aForcedEndEnds() {
        GenerationHandle handle = fixture.submit(request(1, 3));
        fixture.steps(2);
        send(fixture, handle.counter(), ControlAction.CONCLUDE, conclude(null, 30, FakeLanguageModel.END));
        fixture.runOut();
        assertThat(handle.completion().join().reason()).isEqualTo(EndReason.END_OF_SEQUENCE);
    }

    @Test
    void whatCannotBeForcedIsNot() {
        GenerationHandle handle = fixture.submit(request(1, 3).withMaxNewTokens(20));
        fixture.steps(3);
        ControlOutcome nothing = send(fixture, handle.counter(), ControlAction.CONCLUDE, conclude(null));
        assertThat(nothing.kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
        assertThat(nothing.detail()).contains("route default has nothing of its own to CONCLUDE with");
        ControlOutcome unknown = send(fixture, handle.counter(), ControlAction.CONCLUDE, conclude(null, 40));
        assertThat(unknown.kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
        assertThat(unknown.detail()).contains("token id 40").contains("0 to 39");
        ControlOutcome words = send(fixture, handle.counter(), ControlAction.CONCLUDE, conclude("nonsense"));
        assertThat(words.kind()).isEqualTo(OutcomeKind.UNSUPPORTED);

        int left = 20 - tokensSoFar();
        Integer[] tooMany = java.util.Collections.nCopies(left, 30).toArray(new Integer[0]);
        ControlOutcome noRoom = send(fixture, handle.counter(), ControlAction.CONCLUDE, conclude(null, tooMany));
        assertThat(noRoom.refusal()).isEqualTo(RefusalReason.NO_ROOM);
        Integer[] justFits =
                java.util.Collections.nCopies(20 - tokensSoFar() - 1, 30).toArray(new Integer[0]);
        assertThat(send(fixture, handle.counter(), ControlAction.CONCLUDE, conclude(null, justFits))
                        .kind())
                .isEqualTo(OutcomeKind.APPLIED);
        ControlOutcome twice = send(fixture, handle.counter(), ControlAction.CONCLUDE, conclude(null, 30));
        assertThat(twice.refusal()).isEqualTo(RefusalReason.NOT_NOW);
    }

    private int tokensSoFar() {
        return fixture.events.recorded().stream().mapToInt(StepEvents::tokens).sum();
    }

    @Test
    void aRoutesOwnConclusionIsForcedWhileItThinksAndNotWhenItAnswers() {
        AnswerExtractor format = new AnswerExtractor() {
            @Override
            public Optional<String> answer(List<Integer> tokens) {
                return Optional.empty();
            }

            @Override
            public boolean isThinking(List<Integer> tokens) {
                return !tokens.contains(35);
            }

            @Override
            public List<Integer> conclusion() {
                return List.of(34, 35);
            }
        };
        LoopFixture thinking = new LoopFixture(
                FakeLanguageModel.endlessWithBlocks(2000),
                DecodeOptions.defaults(),
                ControlOptions.defaults(),
                TokenClassifier.none(),
                format);
        GenerationHandle handle = thinking.submit(GenerationRequest.of(List.of(5, 6, 7, 8, 9))
                .withSampling(Sampling.greedy())
                .withMaxNewTokens(30));
        thinking.steps(2);
        ControlOutcome first = send(thinking, handle.counter(), ControlAction.CONCLUDE, conclude(null));
        thinking.steps(3);
        ControlOutcome second = send(thinking, handle.counter(), ControlAction.CONCLUDE, conclude(null));
        thinking.runOut();
        assertThat(first.kind()).isEqualTo(OutcomeKind.APPLIED);
        assertThat(second.refusal()).isEqualTo(RefusalReason.NOT_NOW);
        assertThat(second.detail()).contains("begun to answer");
        assertThat(ids(handle.completion().join()).subList(first.appliedAtToken(), first.appliedAtToken() + 2))
                .containsExactly(34, 35);
    }

    /** From the change on, as if it had been drawn so from the beginning; and the change is told before its first token. */
    @Test
    void aChangeOfSamplingTakesEffectAtTheNextToken() {
        GenerationHandle handle = fixture.submit(request(1, 3));
        fixture.steps(10);
        ControlOutcome outcome =
                send(fixture, handle.counter(), ControlAction.SET_SAMPLING, sampling(SamplingChange.toTemperature(0)));
        fixture.runOut();
        List<DecodedToken> tokens = handle.completion().join().tokens();
        assertThat(tokens.subList(outcome.appliedAtToken(), tokens.size()))
                .allSatisfy(token -> assertThat(token.stats().rank()).isZero());
        assertThat(tokens.subList(0, outcome.appliedAtToken()))
                .anySatisfy(token -> assertThat(token.stats().rank()).isPositive());
        List<SamplingChanged> changes = fixture.events.recorded().stream()
                .flatMap(step -> step.changes().stream())
                .toList();
        assertThat(changes)
                .containsExactly(
                        new SamplingChanged(handle.counter(), outcome.appliedAtToken(), new Sampling(0, 0, 1, 0, 3)));
    }

    @Test
    void aChangeThatIsNoneOrOutOfItsBoundsIsUnsupported() {
        GenerationHandle handle = fixture.submit(request(1, 3));
        fixture.steps(2);
        assertThat(send(fixture, handle.counter(), ControlAction.SET_SAMPLING, sampling(SamplingChange.NONE))
                        .kind())
                .isEqualTo(OutcomeKind.UNSUPPORTED);
        ControlOutcome tooHot = send(
                fixture, handle.counter(), ControlAction.SET_SAMPLING, sampling(SamplingChange.toTemperature(101)));
        assertThat(tooHot.kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
        assertThat(tooHot.detail()).contains("temperature must be from 0 to 100, not 101");
        ControlOutcome unknown = send(
                fixture,
                handle.counter(),
                ControlAction.SET_SAMPLING,
                sampling(new SamplingChange(null, null, null, null, null, Map.of("top_h_alpha", .4))));
        assertThat(unknown.kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
        assertThat(unknown.detail()).contains("top_h_alpha");
    }

    @Test
    void whenNobodyWatchesSamplingIsAsAtTheStart() {
        GenerationHandle watched = fixture.submit(request(1, 3));
        fixture.steps(4);
        send(fixture, watched.counter(), ControlAction.SET_SAMPLING, sampling(SamplingChange.toTemperature(0)));
        fixture.loop.nobodyWatches();
        fixture.runOut();
        LoopFixture other = LoopFixture.endless();
        GenerationHandle unchanged = other.submit(request(1, 3));
        other.runOut();
        List<Integer> expected = ids(unchanged.completion().join());
        List<Integer> actual = ids(watched.completion().join());
        assertThat(fixture.outcomes.recorded())
                .extracting(ControlOutcome::kind)
                .containsExactly(OutcomeKind.APPLIED, OutcomeKind.WITHDRAWN);
        assertThat(actual.subList(0, 4)).isEqualTo(expected.subList(0, 4));
        assertThat(fixture.events.recorded().stream()
                        .flatMap(step -> step.changes().stream())
                        .map(change -> change.sampling().temperature()))
                .containsExactly(0.0, 1.0);
    }

    @Test
    void startedSamplesAreOfTheSamePromptAndDifferent() {
        GenerationHandle handle = fixture.submit(request(1, 3));
        fixture.steps(4);
        ControlOutcome outcome = send(fixture, handle.counter(), ControlAction.START, start(3, null));
        fixture.runOut();
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.APPLIED);
        assertThat(outcome.started()).hasSize(3);
        List<GeneratedSequence> all = handle.group().whenIdle().join();
        assertThat(all).hasSize(4);
        assertThat(all).extracting(GeneratedSequence::promptTokens).containsOnly(List.of(5, 6, 7, 8, 9));
        assertThat(all).extracting(LoopFixture::ids).doesNotHaveDuplicates();
        assertThat(handle.group().planned()).isEqualTo(4);
        assertThat(fixture.events.recorded().stream()
                        .flatMap(step -> step.starts().stream())
                        .filter(start -> start.sequence() != handle.counter())
                        .map(SequenceStarted::plannedSamples))
                .containsExactly(4, 4, 4);
    }

    @Test
    void noMoreSamplesAreStartedThanAGroupMayHave() {
        LoopFixture small = new LoopFixture(
                FakeLanguageModel.endlessWithBlocks(2000),
                DecodeOptions.defaults(),
                new ControlOptions(java.time.Duration.ofSeconds(10), 100, 3, 1));
        GenerationHandle handle = small.submit(request(1, 3));
        small.steps(1);
        assertThat(send(small, handle.counter(), ControlAction.START, start(9, null))
                        .started())
                .hasSize(2);
        assertThat(send(small, handle.counter(), ControlAction.START, start(1, null))
                        .refusal())
                .isEqualTo(RefusalReason.GROUP_LIMIT);
        assertThat(small.send(small.branch(handle.counter(), 0, 1, 0)).refusal())
                .isEqualTo(RefusalReason.GROUP_LIMIT);
        assertThat(send(small, handle.counter(), ControlAction.START, start(0, null))
                        .kind())
                .isEqualTo(OutcomeKind.UNSUPPORTED);
    }

    @Test
    void startedSamplesFindTheQueueFull() {
        LoopFixture narrow = new LoopFixture(FakeLanguageModel.endlessWithBlocks(2000), new DecodeOptions(1, 2, 128));
        GenerationHandle handle = narrow.submit(request(1, 3));
        narrow.steps(1);
        assertThat(send(narrow, handle.counter(), ControlAction.START, start(3, null))
                        .refusal())
                .isEqualTo(RefusalReason.NO_ROOM);
        assertThat(send(narrow, handle.counter(), ControlAction.START, start(2, null))
                        .kind())
                .isEqualTo(OutcomeKind.APPLIED);
        narrow.runOut();
        assertThat(handle.group().whenIdle().join()).hasSize(3);
    }

    @Test
    void aStopStringEndsTheSequenceAndIsNoPartOfItsText() {
        GenerationHandle free = fixture.submit(request(1, 3));
        fixture.runOut();
        String text = free.completion().join().text();
        String stop = text.substring(30, 34);
        int at = text.indexOf(stop);
        List<TokenListener.News> heard = new ArrayList<>();
        GenerationHandle stopped = fixture.loop
                .submit(request(1, 3).stoppedBy(List.of("nothing", stop)), 1, heard::add)
                .get(0);
        fixture.runOut();
        GeneratedSequence ended = stopped.completion().join();
        assertThat(ended.reason()).isEqualTo(EndReason.STOP_STRING);
        assertThat(ended.text()).isEqualTo(text.substring(0, at));
        assertThat(heard.stream().map(TokenListener.News::text).reduce("", String::concat))
                .isEqualTo(ended.text());
        assertThat(heard.get(heard.size() - 1).end()).isEqualTo(EndReason.STOP_STRING);
        assertThat(heard.stream().mapToInt(news -> news.tokens().size()).sum())
                .isEqualTo(ended.tokens().size());
    }

    /** What a row is told of what came before: the prompt counts for repetition alone, what was generated as often as it was. */
    @Test
    void penaltiesSeeWhatCameBefore() {
        GenerationRequest asked = request(1, 3)
                .withSampling(Sampling.of(1, 3).penalised(new Sampling.Penalties(1.2, 0, 0)))
                .withMaxNewTokens(12);
        GenerationHandle handle = fixture.submit(asked);
        List<Map<Integer, Integer>> seen = new ArrayList<>();
        fixture.model.onRows(rows -> rows.forEach(row -> seen.add(Map.copyOf(row.seen()))));
        fixture.runOut();
        List<Integer> ids = ids(handle.completion().join());
        assertThat(seen).hasSize(12);
        for (int token = 0; token < 12; token++) {
            Map<Integer, Integer> expected = new java.util.HashMap<>();
            List.of(5, 6, 7, 8, 9).forEach(id -> expected.put(id, 0));
            ids.subList(0, token).forEach(id -> expected.merge(id, 1, Integer::sum));
            assertThat(seen.get(token)).as("token %s", token).isEqualTo(expected);
        }
    }

    @Test
    void withoutPenaltiesNothingIsCounted() {
        fixture.submit(request(1, 3));
        List<Map<Integer, Integer>> seen = new ArrayList<>();
        fixture.model.onRows(rows -> rows.forEach(row -> seen.add(row.seen())));
        fixture.steps(3);
        assertThat(seen).hasSize(3).containsOnly(Map.of());
    }

    @Test
    void alternativesReachWhoListens() {
        List<TokenListener.News> heard = new ArrayList<>();
        GenerationHandle handle = fixture.loop
                .submit(request(0, 3).withAlternatives(4).withMaxNewTokens(5), 1, heard::add)
                .get(0);
        fixture.runOut();
        assertThat(handle.completion().join().tokens()).allSatisfy(token -> {
            assertThat(token.best()).hasSize(4);
            assertThat(token.best().get(0).token()).as("greedy").isEqualTo(token.id());
        });
        assertThatIllegalArgumentException().isThrownBy(() -> request(0, 3).withAlternatives(21));
        assertThatIllegalArgumentException().isThrownBy(() -> request(0, 3).withAlternatives(-1));
    }

    @Test
    void whoListensHearsWhichRuleEndedIt() {
        List<TokenListener.News> heard = new ArrayList<>();
        GenerationHandle handle =
                fixture.loop.submit(request(0, 3), 1, heard::add).get(0);
        fixture.steps(3);
        assertThat(heard).allSatisfy(news -> assertThat(news.stop()).isNull());
        fixture.send(fixture.abort(handle.counter()));
        TokenListener.News last = heard.get(heard.size() - 1);
        assertThat(last.end()).isEqualTo(EndReason.ABORTED);
        assertThat(last.stop()).isEqualTo(new Intervention.Stop(EndReason.ABORTED, "rule-1", "too high"));
        handle.cancel();
        fixture.runOut();
        assertThat(heard).last().isEqualTo(last);
    }

    @Test
    void aBiasForATokenThatTheModelDoesNotHaveIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fixture.submit(
                        request(0, 3).withSampling(Sampling.greedy().biased(Map.of(40, 1f)))))
                .withMessageContaining("token id 40");
    }

    @Test
    void stopStringsAreBounded() {
        GenerationRequest request = request(1, 3);
        assertThatIllegalArgumentException().isThrownBy(() -> request.stoppedBy(List.of("")));
        assertThatIllegalArgumentException().isThrownBy(() -> request.stoppedBy(List.of("x".repeat(257))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> request.stoppedBy(java.util.Collections.nCopies(17, "x")))
                .withMessageContaining("at most 16");
        assertThat(request.stoppedBy(java.util.Collections.nCopies(16, "x".repeat(256)))
                        .stop())
                .hasSize(16);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void samplesOfAPromptReadItOnceAndDrawAsIfTheyHadReadIt(int samples) {
        List<Integer> prompt = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            prompt.add(1 + i % 30);
        }
        GenerationRequest asked =
                GenerationRequest.of(prompt).withSampling(Sampling.of(1, 3)).withMaxNewTokens(20);
        List<GenerationHandle> together = fixture.loop.submit(asked, samples);
        fixture.runOut();
        LoopFixture apart = LoopFixture.endless();
        for (GenerationHandle one : together) {
            GeneratedSequence ended = one.completion().join();
            GenerationHandle alone = apart.submit(asked.withSampling(
                    Sampling.of(1, requireNonNull(ended.sampling().seed()))));
            apart.runOut();
            assertThat(ended.tokens()).isEqualTo(alone.completion().join().tokens());
        }
        assertThat(fixture.model.tokensRead())
                .as("the prompt once, its last token for each other sample, and all but the last new token of each")
                .isEqualTo(50 + (samples - 1) + samples * 19);
    }
}
