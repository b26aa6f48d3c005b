package io.edistream.generator.decode;

import static io.edistream.generator.decode.LoopFixture.ids;
import static io.edistream.generator.decode.LoopFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomePublisher;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.EntropyKind;
import io.edistream.sequences.event.EntropyPublisher;
import io.edistream.sequences.event.RecordingEntropyPublisher;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.event.TokenRun;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DecodeLoopTest {

    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @Test
    void aSequenceDoesNotDependOnItsBatch() {
        List<GeneratedSequence> alone = new ArrayList<>();
        for (int seed = 0; seed < 100; seed++) {
            LoopFixture one = LoopFixture.ending();
            GenerationHandle handle = one.submit(request(0.9, seed));
            one.runOut();
            alone.add(handle.completion().join());
        }

        LoopFixture all = LoopFixture.ending();
        List<GenerationHandle> handles = new ArrayList<>();
        for (int seed = 0; seed < 100; seed++) {
            handles.add(all.submit(request(0.9, seed)));
        }
        all.runOut();

        assertThat(all.model.rowsPerStep()).as("they do run together").contains(64);
        for (int seed = 0; seed < 100; seed++) {
            GeneratedSequence together = handles.get(seed).completion().join();
            assertThat(together.tokens()).isEqualTo(alone.get(seed).tokens());
            assertThat(together.reason()).isEqualTo(alone.get(seed).reason());
        }
    }

    @Test
    void differentSeedsGiveDifferentSequences() {
        LoopFixture fixture = LoopFixture.endless();
        List<GenerationHandle> handles = fixture.loop.submit(request(1, 3), 8);
        fixture.runOut();
        assertThat(handles.stream()
                        .map(handle -> ids(handle.completion().join()))
                        .distinct())
                .hasSize(8);
    }

    @Test
    void endsAtTheTokenLimitOrWhenTheModelSaysSo() {
        LoopFixture endless = LoopFixture.endless();
        GenerationHandle limited = endless.submit(request(1, 1).withMaxNewTokens(7));
        endless.runOut();
        assertThat(limited.completion().join().reason()).isEqualTo(EndReason.LENGTH);
        assertThat(limited.completion().join().tokens()).hasSize(7);

        LoopFixture ending = LoopFixture.ending();
        List<GenerationHandle> handles = ending.loop.submit(request(1, 1).withMaxNewTokens(190), 20);
        ending.runOut();
        GeneratedSequence ended = handles.stream()
                .map(handle -> handle.completion().join())
                .filter(sequence -> sequence.reason() == EndReason.END_OF_SEQUENCE)
                .findFirst()
                .orElseThrow();
        assertThat(ids(ended)).endsWith(FakeLanguageModel.END);
        assertThat(ended.text())
                .isEqualTo(new NumberWords()
                        .decode(ids(ended).subList(0, ids(ended).size() - 1)));
    }

    @Test
    void samplesOfAPromptMakeAGroupWhichOthersCanJoin() {
        LoopFixture fixture = LoopFixture.endless();
        fixture.submit(request(1, 1));
        List<GenerationHandle> samples = fixture.loop.submit(request(1, 2), 3);
        fixture.runOut();
        assertThat(samples).extracting(handle -> handle.group().id()).containsOnly(1L);
        assertThat(samples.get(0).group().whenIdle()).isCompletedWithValueMatching(all -> all.size() == 3);

        GenerationHandle late = fixture.loop.join(samples.get(0).group(), request(1, 9));
        assertThat(late.group().whenIdle()).isNotDone();
        fixture.runOut();
        assertThat(late.group().whenIdle()).isCompletedWithValueMatching(all -> all.size() == 4);
        assertThat(late.completion().join().group()).isEqualTo(1);
    }

    @Test
    void labelsAndNamesComeBack() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(0, 1)
                .withMaxNewTokens(5)
                .named("mine")
                .checkedBy(answer -> java.util.Optional.of(answer.isPresent())));
        fixture.runOut();
        GeneratedSequence sequence = handle.completion().join();
        assertThat(sequence.request()).isEqualTo("mine");
        assertThat(sequence.correct()).isTrue();
        assertThat(sequence.answer()).isEqualTo(ids(sequence).get(3).toString());
        assertThat(lastEnd(fixture, 0).correct()).isTrue();
    }

    @Test
    void aFaultyCheckCostsOnlyTheLabel() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(0, 1).checkedBy(answer -> {
            throw new IllegalStateException("faulty on purpose");
        }));
        fixture.runOut();
        assertThat(handle.completion().join().correct()).isNull();
    }

    @Test
    void aFaultyExtractorCostsOnlyTheAnswer() {
        LoopFixture fixture = fixture(TokenClassifier.none(), tokens -> {
            throw new IllegalStateException("faulty on purpose");
        });
        GenerationHandle handle = fixture.submit(request(0, 1));
        fixture.runOut();
        assertThat(handle.completion().join().answer()).isNull();
        assertThat(handle.completion().join().reason()).isEqualTo(EndReason.LENGTH);
    }

    @Test
    void aTokenWithoutAClassEndsItsSequenceAndNoOther() {
        LoopFixture fixture = fixture(
                new TokenClassifier() {
                    @Override
                    public List<String> names() {
                        return List.of("other");
                    }

                    @Override
                    public Cursor start() {
                        int[] tokens = {0};
                        return token -> {
                            if (tokens[0]++ == 5) {
                                throw new IllegalStateException("faulty on purpose");
                            }
                            return 0;
                        };
                    }
                },
                tokens -> java.util.Optional.empty());
        GenerationHandle cut = fixture.submit(request(0, 1));
        GenerationHandle fine = fixture.submit(request(0, 1).withMaxNewTokens(5));
        fixture.runOut();
        assertThat(cut.completion().join().reason()).isEqualTo(EndReason.ERROR);
        assertThat(cut.completion().join().tokens()).hasSize(5);
        assertThat(fine.completion().join().reason()).isEqualTo(EndReason.LENGTH);
    }

    @Test
    void eventsTellTheWholeStory() {
        LoopFixture fixture = LoopFixture.ending();
        List<GenerationHandle> handles = new ArrayList<>();
        for (int seed = 0; seed < 90; seed++) {
            handles.add(fixture.submit(request(1, seed)));
        }
        fixture.runOut();
        Map<Long, SequenceStarted> starts = new HashMap<>();
        Map<Long, TokenRun> told = new HashMap<>();
        Map<Long, SequenceEnded> ends = new HashMap<>();
        for (StepEvents step : fixture.events.recorded()) {
            step.starts().forEach(start -> assertThat(starts.put(start.sequence(), start))
                    .isNull());
            for (TokenRun run : step.runs()) {
                assertThat(starts).containsKey(run.sequence());
                assertThat(ends).doesNotContainKey(run.sequence());
                // Throws if a run does not follow the one before it.
                told.merge(run.sequence(), run, TokenRun::followedBy);
            }
            step.ends().forEach(end -> assertThat(ends.put(end.sequence(), end)).isNull());
        }
        assertThat(starts).hasSize(90);
        for (GenerationHandle handle : handles) {
            GeneratedSequence sequence = handle.completion().join();
            assertThat(told.get(handle.counter()).tokens()).isEqualTo(sequence.tokens());
            assertThat(ends.get(handle.counter()).tokens())
                    .isEqualTo(sequence.tokens().size());
            assertThat(ends.get(handle.counter()).reason()).isEqualTo(sequence.reason());
        }
    }

    @Test
    void startsTellWhatIsKnownOfThem() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle first = fixture.loop
                .submit(request(1, 1).named("mine").inTrace(TRACE), 3)
                .get(0);
        fixture.now.addAndGet(7);
        fixture.steps(1);
        fixture.now.addAndGet(7);
        fixture.loop.join(first.group(), request(1, 2));
        fixture.steps(1);
        List<SequenceStarted> starts = fixture.events.recorded().stream()
                .flatMap(step -> step.starts().stream())
                .toList();
        assertThat(starts).extracting(SequenceStarted::plannedSamples).containsExactly(3, 3, 3, 4);
        assertThat(starts)
                .extracting(start -> start.startedAtMicros() - LoopFixture.START_MICROS)
                .containsExactly(7L, 7L, 7L, 14L);
        assertThat(starts.get(0).engine()).isEqualTo("djl");
        assertThat(starts.get(0).entropyKind()).isEqualTo(EntropyKind.RAW_EXACT);
        assertThat(starts.get(0).request()).isEqualTo("mine");
        assertThat(starts.get(0).traceContext()).isEqualTo(TRACE);
        assertThat(starts.get(3).traceContext()).isNull();
    }

    @Test
    void endsTellWhenAndWhatBecameOfTheTokens() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(4);
        handle.cancel();
        fixture.now.addAndGet(9);
        fixture.steps(1);
        SequenceEnded end = lastEnd(fixture, 0);
        assertThat(end.finishedAtMicros()).isEqualTo(LoopFixture.START_MICROS + 9);
        assertThat(end.delivery()).isEqualTo(new SequenceEnded.Delivery(4, 0, 0));
        assertThat(end.thinkingOpen()).isFalse();
    }

    @Test
    void equalAnswersOfAGroupHaveOneClassByFirstAppearance() {
        // The answer is the token limit's parity, whatever was decoded.
        LoopFixture fixture = fixture(
                TokenClassifier.none(), tokens -> java.util.Optional.of(tokens.size() % 2 == 0 ? "even" : "odd"));
        GenerationHandle first = fixture.submit(request(1, 1).withMaxNewTokens(3));
        for (int limit : new int[] {4, 5, 6}) {
            fixture.loop.join(first.group(), request(1, limit).withMaxNewTokens(limit));
        }
        fixture.runOut();
        GenerationHandle other = fixture.submit(request(1, 9).withMaxNewTokens(4));
        fixture.runOut();
        assertThat(first.group().ended())
                .extracting(GeneratedSequence::answerClass)
                .containsExactly(0, 1, 0, 1);
        assertThat(other.completion().join().answerClass()).as("another group").isZero();
        assertThat(fixture.events.recorded().stream().flatMap(step -> step.ends().stream()))
                .extracting(SequenceEnded::answerClass)
                .containsExactly(0, 1, 0, 1, 0);
    }

    @Test
    void textOfRunsIsMadeForPublishersThatWantIt() {
        List<StepEvents> told = new ArrayList<>();
        EntropyPublisher reader = new EntropyPublisher() {
            @Override
            public void publish(StepEvents events) {
                told.add(events);
            }

            @Override
            public boolean wantsRunText() {
                return true;
            }

            @Override
            public void close() {}
        };
        Route route = new Route(
                GenerationRequest.DEFAULT_ROUTE,
                FakeLanguageModel.withBlocks(4000),
                new NumberWords(),
                "",
                TokenClassifier.none(),
                AnswerExtractor.none());
        DecodeLoop loop = new DecodeLoop(
                List.of(route),
                DecodeOptions.defaults(),
                ControlOptions.defaults(),
                reader,
                new RecordingOutcomePublisher(),
                new GeneratorMetrics(new PrometheusRegistry()),
                () -> 0);
        List<GenerationHandle> handles = loop.submit(request(1, 1).withMaxNewTokens(190), 20);
        while (loop.step()) {
            // Each step brings every sequence one token nearer to its limit.
        }
        assertThat(handles)
                .anySatisfy(handle ->
                        assertThat(handle.completion().join().reason()).isEqualTo(EndReason.END_OF_SEQUENCE));
        for (GenerationHandle handle : handles) {
            StringBuilder text = new StringBuilder();
            told.forEach(step -> step.runs().stream()
                    .filter(run -> run.sequence() == handle.counter())
                    .forEach(run -> text.append(run.text())));
            assertThat(text).hasToString(handle.completion().join().text());
        }
        LoopFixture without = LoopFixture.endless();
        without.submit(request(1, 1));
        without.steps(1);
        assertThat(without.events.recorded().get(0).runs().get(0).text()).isNull();
    }

    @Test
    void oneRecordPerStepForTheWholeBatch() {
        LoopFixture fixture = LoopFixture.endless();
        fixture.loop.submit(request(1, 1), 4);
        fixture.steps(3);
        List<StepEvents> records = fixture.events.recorded();
        assertThat(records).hasSize(3);
        assertThat(records.get(0).starts()).hasSize(4);
        assertThat(records).allSatisfy(record -> assertThat(record.runs()).hasSize(4));
        assertThat(records.get(2).runs())
                .allSatisfy(run -> assertThat(run.firstToken()).isEqualTo(2));
    }

    private static int running(List<GenerationHandle> handles) {
        return handles.stream().mapToInt(handle -> handle.group().running()).sum();
    }

    @Test
    void requestsWaitForSlotsAndAreAdmittedInOrder() {
        LoopFixture fixture = new LoopFixture(FakeLanguageModel.endlessWithBlocks(2000), new DecodeOptions(3, 100, 10));
        List<GenerationHandle> handles = Stream.generate(
                        () -> fixture.submit(request(1, 1).withMaxNewTokens(5)))
                .limit(10)
                .toList();
        fixture.loop.step();
        assertThat(running(handles)).as("two prompts of five tokens per step").isEqualTo(2);
        fixture.loop.step();
        assertThat(running(handles)).as("three slots").isEqualTo(3);
        fixture.runOut();
        assertThat(handles).allSatisfy(handle -> assertThat(handle.completion()).isCompleted());
        assertThat(fixture.model.rowsPerStep())
                .allSatisfy(rows -> assertThat(rows).isLessThanOrEqualTo(3));
        assertThat(fixture.events.recorded().stream().flatMap(step -> step.starts().stream()))
                .extracting(SequenceStarted::sequence)
                .isSorted();
    }

    @Test
    void requestsWaitForBlocksAndNoneFails() {
        // 5 + 60 - 1 positions are 16 blocks: two sequences fit, the third waits.
        LoopFixture fixture = new LoopFixture(FakeLanguageModel.endlessWithBlocks(1 + 40), DecodeOptions.defaults());
        List<GenerationHandle> handles = fixture.loop.submit(request(1, 1), 6);
        fixture.steps(2);
        assertThat(handles.get(0).group().running()).isEqualTo(2);
        fixture.runOut();
        assertThat(handles)
                .extracting(handle -> handle.completion().join().reason())
                .containsOnly(EndReason.LENGTH);
    }

    @Test
    void refusesWhatCouldNeverFit() {
        LoopFixture fixture = new LoopFixture(FakeLanguageModel.endlessWithBlocks(11), new DecodeOptions(4, 2, 5));
        assertThatThrownBy(() -> fixture.submit(request(1, 1).withMaxNewTokens(196)))
                .hasMessageContaining("at most 200");
        assertThatThrownBy(() -> fixture.submit(request(1, 1).withMaxNewTokens(Integer.MAX_VALUE)))
                .as("a limit that would wrap around")
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 200");
        assertThatThrownBy(() -> fixture.submit(request(1, 1).withMaxNewTokens(37)))
                .hasMessageContaining("need 11 blocks")
                .hasMessageContaining("it has 10");
        assertThatThrownBy(() -> fixture.submit(GenerationRequest.of(List.of(3, 40))))
                .hasMessageContaining("token id 40");
        assertThatThrownBy(() -> fixture.submit(GenerationRequest.of(List.of())))
                .hasMessageContaining("at least 1");
        assertThatThrownBy(() -> fixture.submit(request(1, 1).onRoute("elsewhere")))
                .hasMessageContaining("no route elsewhere");
        assertThatThrownBy(() -> fixture.loop.submit(request(1, 1).withMaxNewTokens(36), 3))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("at most 2");
        assertThat(fixture.loop.submit(request(1, 1).withMaxNewTokens(36), 2)).hasSize(2);
        assertThatThrownBy(() -> fixture.loop.submit(request(1, 1).withMaxNewTokens(36), Integer.MAX_VALUE))
                .as("a number that would wrap around")
                .isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void theQueueOfWaitingRequestsEmptiesAgain() {
        LoopFixture fixture = new LoopFixture(FakeLanguageModel.endlessWithBlocks(2000), new DecodeOptions(1, 2, 5));
        for (int i = 0; i < 5; i++) {
            List<GenerationHandle> both = fixture.loop.submit(request(1, i).withMaxNewTokens(3), 2);
            both.get(1).cancel();
            fixture.runOut();
            assertThat(both.get(0).completion().join().reason()).isEqualTo(EndReason.LENGTH);
            assertThat(both.get(1).completion().join().reason()).isEqualTo(EndReason.CANCELLED);
            assertThat(both.get(0).group().whenIdle()).isCompletedWithValueMatching(all -> all.size() == 2);
        }
    }

    @Test
    void cancelEndsARunningSequenceAtTheNextToken() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(4);
        handle.cancel();
        fixture.steps(1);
        GeneratedSequence sequence = handle.completion().join();
        assertThat(sequence.reason()).isEqualTo(EndReason.CANCELLED);
        assertThat(sequence.tokens()).hasSize(4);
        assertThat(lastEnd(fixture, 0).tokens()).isEqualTo(4);
        handle.cancel();
        fixture.steps(1);
    }

    @Test
    void aSequenceThatNeverStartedIsNotReported() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(1, 1));
        handle.cancel();
        fixture.runOut();
        assertThat(handle.completion().join().tokens()).isEmpty();
        assertThat(fixture.events.recorded()).isEmpty();
    }

    @Test
    void aFailingModelEndsItsSequencesAndNotTheLoop() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle failed = fixture.submit(request(1, 1));
        fixture.steps(3);
        fixture.model.failing(true);
        GenerationHandle failedAtOnce = fixture.submit(request(1, 2));
        fixture.runOut();
        assertThat(failed.completion().join().reason()).isEqualTo(EndReason.ERROR);
        assertThat(failedAtOnce.completion().join().reason()).isEqualTo(EndReason.ERROR);
        assertThat(lastEnd(fixture, 1).tokens()).isZero();

        fixture.model.failing(false);
        GenerationHandle fine = fixture.submit(request(1, 3));
        fixture.runOut();
        assertThat(fine.completion().join().reason()).isEqualTo(EndReason.LENGTH);
    }

    @Test
    void shutDownCancelsAllAndAcceptsNothing() {
        LoopFixture fixture = new LoopFixture(FakeLanguageModel.endlessWithBlocks(2000), new DecodeOptions(2, 100, 10));
        List<GenerationHandle> handles = fixture.loop.submit(request(1, 1), 4);
        fixture.steps(3);
        fixture.loop.shutDown(EndReason.CANCELLED);
        assertThat(handles)
                .extracting(handle -> handle.completion().join().reason())
                .containsOnly(EndReason.CANCELLED);
        assertThatThrownBy(() -> fixture.submit(request(1, 1))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aFaultInTheLastMessagesLeavesNobodyWaiting() {
        RecordingEntropyPublisher events = new RecordingEntropyPublisher();
        OutcomePublisher faulty = new OutcomePublisher() {
            @Override
            public void publish(ControlOutcome outcome) {
                throw new IllegalStateException("faulty on purpose");
            }

            @Override
            public void close() {}
        };
        Route route = new Route(
                GenerationRequest.DEFAULT_ROUTE,
                FakeLanguageModel.endlessWithBlocks(2000),
                new NumberWords(),
                "",
                TokenClassifier.none(),
                AnswerExtractor.none());
        DecodeLoop loop = new DecodeLoop(
                List.of(route),
                DecodeOptions.defaults(),
                ControlOptions.defaults(),
                events,
                faulty,
                new GeneratorMetrics(new PrometheusRegistry()),
                () -> 0);
        GenerationHandle running = loop.submit(request(1, 1), 1).get(0);
        loop.step();
        ControlCommand command = LoopFixture.endless().abort(99);
        loop.accept(new ReceivedCommand(command, 0));
        GenerationHandle behind = loop.submit(request(1, 2), 1).get(0);
        loop.shutDown(EndReason.ERROR);
        assertThat(running.completion()).isCompletedWithValueMatching(end -> end.reason() == EndReason.ERROR);
        assertThat(behind.completion()).isCompletedWithValueMatching(end -> end.reason() == EndReason.ERROR);
        assertThat(events.recorded().get(1).ends()).as("reported, too").hasSize(1);
    }

    private static LoopFixture fixture(TokenClassifier classifier, AnswerExtractor answers) {
        return new LoopFixture(
                FakeLanguageModel.endlessWithBlocks(2000),
                DecodeOptions.defaults(),
                ControlOptions.defaults(),
                classifier,
                answers);
    }

    private static SequenceEnded lastEnd(LoopFixture fixture, long sequence) {
        return fixture.events.recorded().stream()
                .flatMap(step -> step.ends().stream())
                .filter(end -> end.sequence() == sequence)
                .findFirst()
                .orElseThrow();
    }
}
