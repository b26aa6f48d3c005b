package io.edistream.generator.decode;

import static io.edistream.generator.decode.LoopFixture.ids;
import static io.edistream.generator.decode.LoopFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.event.TokenRun;
import io.edistream.sequences.metrics.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BranchTest {

    /** Fork points at, before and behind block boundaries: the prompt has 5 tokens, a block 4. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 7, 8, 11, 14})
    void aGreedyForkIsWhatItsPromptAndForcedTokenGive(int atToken) {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(0, 1));
        fixture.steps(15);
        ControlOutcome outcome = fixture.send(fixture.branch(handle.counter(), atToken, 2, 0));
        fixture.runOut();

        assertThat(outcome.kind()).isEqualTo(OutcomeKind.APPLIED);
        assertThat(outcome.started()).hasSize(2);
        GeneratedSequence parent = handle.completion().join();
        for (GeneratedSequence child : children(handle)) {
            List<Integer> tokens = ids(child);
            assertThat(tokens.subList(0, atToken)).isEqualTo(ids(parent).subList(0, atToken));
            assertThat(tokens.get(atToken)).isNotEqualTo(ids(parent).get(atToken));
            assertThat(tokens).hasSize(60);
            assertThat(tokens.subList(atToken + 1, 60)).isEqualTo(greedyAfter(parent, tokens.subList(0, atToken + 1)));
        }
    }

    @Test
    void theParentGoesOnAsIfNothingHadHappened() {
        LoopFixture alone = LoopFixture.endless();
        GenerationHandle undisturbed = alone.submit(request(0.8, 5));
        alone.runOut();

        LoopFixture forked = LoopFixture.endless();
        GenerationHandle handle = forked.submit(request(0.8, 5));
        forked.steps(9);
        forked.send(forked.branch(handle.counter(), 4, 3, 0));
        forked.send(forked.branch(handle.counter(), 8, 3, 0));
        forked.runOut();

        assertThat(handle.completion().join().tokens())
                .isEqualTo(undisturbed.completion().join().tokens());
    }

    @Test
    void aForkThatTheModelCannotMakeIsRefusedAndLeaksNothing() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(1, 5));
        fixture.steps(8);
        fixture.model.failingAfterCopies(0);
        ControlOutcome outcome = fixture.send(fixture.branch(handle.counter(), 5, 2, 0));
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.REFUSED);
        assertThat(outcome.detail()).contains("told to fail");
        assertThat(outcome.started()).isEmpty();
        assertThat(Metrics.value(fixture.metrics, "edistream_generator_failed_calls"))
                .isEqualTo(1);

        fixture.runOut();
        assertThat(handle.completion().join().reason()).isEqualTo(EndReason.LENGTH);
        assertThat(children(handle)).isEmpty();
        assertThat(Metrics.value(fixture.metrics, "edistream_generator_kv_blocks_used", "default"))
                .isZero();
    }

    @Test
    void aForkThatTheClassifierFailsIsRefusedAndLeaksNothing() {
        AtomicBoolean failing = new AtomicBoolean();
        LoopFixture fixture = new LoopFixture(
                FakeLanguageModel.endlessWithBlocks(2000),
                DecodeOptions.defaults(),
                ControlOptions.defaults(),
                failingWhile(failing),
                tokens -> java.util.Optional.empty());
        GenerationHandle handle = fixture.submit(request(1, 5));
        fixture.steps(8);
        failing.set(true);
        ControlCommand branch = fixture.branch(handle.counter(), 5, 2, 0);
        fixture.loop.accept(new ReceivedCommand(branch, fixture.now.get()));
        fixture.loop.accept(new ReceivedCommand(fixture.abort(handle.counter()), fixture.now.get()));
        fixture.loop.step();
        assertThat(fixture.outcomes.recorded())
                .extracting(ControlOutcome::kind)
                .containsExactly(OutcomeKind.REFUSED, OutcomeKind.APPLIED);
        assertThat(blocksUsed(fixture)).isZero();
    }

    @Test
    void childrenThatWereMadeBeforeTheModelFailedAreStarted() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(1, 5));
        fixture.steps(8);
        fixture.model.failingAfterCopies(1);
        ControlOutcome outcome = fixture.send(fixture.branch(handle.counter(), 5, 3, 0));
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.APPLIED);
        assertThat(outcome.started()).hasSize(1);

        fixture.runOut();
        assertThat(children(handle)).hasSize(1).allSatisfy(child -> assertThat(child.reason())
                .isEqualTo(EndReason.LENGTH));
        assertThat(Metrics.value(fixture.metrics, "edistream_generator_kv_blocks_used", "default"))
                .isZero();
    }

    @Test
    void childrenTakeTheMostProbableTokensButTheParents() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(1.3, 11));
        fixture.steps(12);
        fixture.send(fixture.branch(handle.counter(), 6, 4, 0));
        fixture.runOut();
        int parentRank = handle.completion().join().tokens().get(6).stats().rank();
        List<Integer> expected = java.util.stream.IntStream.range(0, 5)
                .filter(rank -> rank != parentRank)
                .limit(4)
                .boxed()
                .toList();
        assertThat(children(handle))
                .extracting(child -> child.tokens().get(6).stats().rank())
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(children(handle))
                .extracting(child -> child.sampling().seed())
                .doesNotHaveDuplicates();
    }

    @Test
    void aSecondBranchAtATokenGoesOnWhereTheFirstOneStopped() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(1.3, 11));
        fixture.steps(12);
        fixture.send(fixture.branch(handle.counter(), 6, 2, 0));
        fixture.send(fixture.branch(handle.counter(), 7, 1, 0));
        fixture.send(fixture.branch(handle.counter(), 6, 2, 0));
        fixture.runOut();
        List<GeneratedSequence> atSix = children(handle).stream()
                .filter(child -> Integer.valueOf(6).equals(child.forkToken()))
                .toList();
        int parentRank = handle.completion().join().tokens().get(6).stats().rank();
        assertThat(atSix)
                .extracting(child -> child.tokens().get(6).stats().rank())
                .containsExactlyInAnyOrderElementsOf(java.util.stream.IntStream.range(0, 5)
                        .filter(rank -> rank != parentRank)
                        .limit(4)
                        .boxed()
                        .toList());
        assertThat(atSix).extracting(child -> child.sampling().seed()).doesNotHaveDuplicates();
        assertThat(children(handle))
                .filteredOn(child -> Integer.valueOf(7).equals(child.forkToken()))
                .as("another token has a count of its own")
                .extracting(child -> child.tokens().get(7).stats().rank())
                .containsExactly(
                        handle.completion().join().tokens().get(7).stats().rank() == 0 ? 1 : 0);
    }

    @Test
    void aTokenAtWhichTheWholeVocabularyWasTakenIsRefused() {
        ModelInfo fourWords = new ModelInfo("fake", 4, 200, FakeLanguageModel.END, 4, 2000);
        LoopFixture fixture = new LoopFixture(new FakeLanguageModel(fourWords, -1000), DecodeOptions.defaults());
        GenerationHandle handle = fixture.submit(GenerationRequest.of(List.of(1, 2))
                .withSampling(Sampling.of(1, 1))
                .withMaxNewTokens(60));
        fixture.steps(8);
        assertThat(fixture.send(fixture.branch(handle.counter(), 5, 2, 0)).started())
                .hasSize(2);
        assertThat(fixture.send(fixture.branch(handle.counter(), 5, 2, 0)).started())
                .as("the parent and two children have one of four words each")
                .hasSize(1);
        ControlOutcome outcome = fixture.send(fixture.branch(handle.counter(), 5, 1, 0));
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.REFUSED);
        assertThat(outcome.detail()).contains("every word of the vocabulary").contains("token 5");
    }

    @Test
    void aBranchReportsTheSharedTokensAsItsFirstRun() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(10);
        int before = fixture.events.recorded().size();
        long child = fixture.send(fixture.branch(handle.counter(), 6, 1, 0))
                .started()
                .get(0);

        var record = fixture.events.recorded().get(before);
        SequenceStarted start = record.starts().get(0);
        TokenRun run = record.runs().stream()
                .filter(candidate -> candidate.sequence() == child)
                .findFirst()
                .orElseThrow();
        assertThat(start.sequence()).isEqualTo(child);
        assertThat(start.parent()).isEqualTo(handle.counter());
        assertThat(start.forkToken()).isEqualTo(6);
        assertThat(start.group()).isEqualTo(handle.group().id());
        assertThat(run.firstToken()).isZero();
        assertThat(run.tokens()).hasSize(7);
        fixture.runOut();
        assertThat(run.tokens().subList(0, 6))
                .isEqualTo(handle.completion().join().tokens().subList(0, 6));
    }

    @Test
    void fourForksOfALongSequenceCostFourBlocks() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(14);
        // 5 prompt tokens and 13 generated ones are in the cache: 18 positions, 5 blocks of 4.
        assertThat(blocksUsed(fixture)).isEqualTo(5);
        fixture.send(fixture.branch(handle.counter(), 13, 4, 0));
        assertThat(blocksUsed(fixture)).isEqualTo(5 + 4);
        fixture.runOut();
        assertThat(blocksUsed(fixture)).isZero();
    }

    @Test
    void abortedForksGiveTheirBlocksBack() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(14);
        List<Long> children =
                fixture.send(fixture.branch(handle.counter(), 13, 4, 0)).started();
        children.forEach(child -> fixture.send(fixture.abort(child)));
        fixture.send(fixture.abort(handle.counter()));
        fixture.runOut();
        assertThat(blocksUsed(fixture)).isZero();
        assertThat(handle.group().whenIdle()).isCompletedWithValueMatching(all -> all.size() == 5);
    }

    @Test
    void forksThatDoNotFitAreRefusedAndOnesThatFitStart() {
        // The parent needs 16 blocks in the end; a fork at token 13 shares 4 and needs 12 more.
        LoopFixture fixture =
                new LoopFixture(FakeLanguageModel.endlessWithBlocks(1 + 16 + 25), DecodeOptions.defaults());
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(14);
        ControlOutcome two = fixture.send(fixture.branch(handle.counter(), 13, 4, 0));
        assertThat(two.kind()).isEqualTo(OutcomeKind.APPLIED);
        assertThat(two.started()).hasSize(2);
        ControlOutcome none = fixture.send(fixture.branch(handle.counter(), 13, 1, 0));
        assertThat(none.kind()).isEqualTo(OutcomeKind.REFUSED);
        assertThat(none.detail()).contains("no room");
        fixture.runOut();
        assertThat(children(handle)).extracting(GeneratedSequence::reason).containsOnly(EndReason.LENGTH);
    }

    @Test
    void forksBeyondTheSlotsAreRefused() {
        LoopFixture fixture = new LoopFixture(FakeLanguageModel.endlessWithBlocks(2000), new DecodeOptions(3, 10, 5));
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(5);
        assertThat(fixture.send(fixture.branch(handle.counter(), 2, 5, 0)).started())
                .hasSize(2);
        assertThat(fixture.send(fixture.branch(handle.counter(), 2, 1, 0)).kind())
                .isEqualTo(OutcomeKind.REFUSED);
    }

    @Test
    void cancellingARequestEndsItsBranchesToo() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(1, 1));
        GenerationHandle other = fixture.loop.join(handle.group(), request(1, 2));
        fixture.steps(8);
        List<Long> children =
                fixture.send(fixture.branch(handle.counter(), 5, 3, 0)).started();
        List<Long> grandchildren =
                fixture.send(fixture.branch(children.get(0), 4, 2, 0)).started();
        long ofTheOther =
                fixture.send(fixture.branch(other.counter(), 5, 1, 0)).started().get(0);
        // The link between the root and its grandchildren is gone before the root is cancelled.
        fixture.send(fixture.abort(children.get(0)));
        handle.cancel();
        fixture.steps(1);

        assertThat(handle.completion().join().reason()).isEqualTo(EndReason.CANCELLED);
        assertThat(handle.group().ended())
                .filteredOn(sequence -> sequence.reason() == EndReason.CANCELLED)
                .extracting(GeneratedSequence::counter)
                .containsExactlyInAnyOrder(
                        handle.counter(), children.get(1), children.get(2), grandchildren.get(0), grandchildren.get(1));
        fixture.runOut();
        assertThat(handle.group().ended())
                .filteredOn(sequence -> sequence.reason() == EndReason.LENGTH)
                .extracting(GeneratedSequence::counter)
                .containsExactlyInAnyOrder(other.counter(), ofTheOther);
    }

    @Test
    void branchesOfARequestThatHasEndedCanBeCancelled() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(8);
        fixture.send(fixture.branch(handle.counter(), 5, 3, 0));
        fixture.send(fixture.abort(handle.counter()));
        handle.cancel();
        fixture.steps(1);
        assertThat(children(handle)).extracting(GeneratedSequence::reason).containsOnly(EndReason.CANCELLED);
        assertThat(handle.group().whenIdle()).isCompletedWithValueMatching(all -> all.size() == 4);
        assertThat(blocksUsed(fixture)).isZero();
    }

    @Test
    void cancellingAGroupEndsAllThatWaitsOrRunsAndNothingElse() {
        LoopFixture fixture = new LoopFixture(FakeLanguageModel.endlessWithBlocks(2000), new DecodeOptions(4, 100, 20));
        List<GenerationHandle> samples = fixture.loop.submit(request(1, 1), 2);
        GenerationHandle other = fixture.submit(request(1, 2));
        fixture.steps(8);
        fixture.send(fixture.branch(samples.get(0).counter(), 5, 1, 0));
        GenerationHandle waiting = fixture.loop.join(samples.get(0).group(), request(1, 3));
        fixture.steps(1);
        samples.get(1).group().cancel();
        fixture.steps(1);
        assertThat(samples.get(0).group().whenIdle()).isCompletedWithValueMatching(all -> all.size() == 4);
        assertThat(samples.get(0).group().ended())
                .extracting(GeneratedSequence::reason)
                .containsOnly(EndReason.CANCELLED);
        assertThat(waiting.completion()).isCompleted();
        fixture.runOut();
        assertThat(other.completion().join().reason()).isEqualTo(EndReason.LENGTH);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void nothingLeaksWhateverIsForkedAbortedAndFinished(long seed) {
        Random random = new Random(seed);
        LoopFixture fixture = new LoopFixture(FakeLanguageModel.withBlocks(400), new DecodeOptions(20, 1000, 15));
        List<GenerationHandle> handles = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            int newest = handles.size() * 2 + 1;
            switch (random.nextInt(5)) {
                case 0 -> handles.add(fixture.submit(request(0.9, i)));
                case 1 ->
                    fixture.send(fixture.branch(random.nextInt(newest), random.nextInt(10), 1 + random.nextInt(3), 0));
                case 2 -> fixture.send(fixture.abort(random.nextInt(newest)));
                case 3 -> {
                    if (!handles.isEmpty()) {
                        handles.get(random.nextInt(handles.size())).cancel();
                    }
                }
                default -> fixture.steps(random.nextInt(6));
            }
        }
        fixture.runOut();
        assertThat(blocksUsed(fixture)).isZero();
        assertThat(handles).allSatisfy(handle -> {
            assertThat(handle.completion()).isCompleted();
            assertThat(handle.group().whenIdle()).isCompleted();
            assertThat(handle.group().running()).isZero();
        });
        assertThat(fixture.outcomes.recorded()).extracting(ControlOutcome::kind).contains(OutcomeKind.APPLIED);
    }

    /** What a fresh sequence generates whose prompt is the parent's with these tokens behind it. */
    private static List<Integer> greedyAfter(GeneratedSequence parent, List<Integer> tokens) {
        List<Integer> prompt = new ArrayList<>(parent.promptTokens());
        prompt.addAll(tokens);
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(
                GenerationRequest.of(prompt).withSampling(Sampling.greedy()).withMaxNewTokens(60 - tokens.size()));
        fixture.runOut();
        return ids(handle.completion().join());
    }

    private static TokenClassifier failingWhile(AtomicBoolean failing) {
        return new TokenClassifier() {
            @Override
            public List<String> names() {
                return List.of("other");
            }

            @Override
            public Cursor start() {
                return token -> {
                    if (failing.get()) {
                        throw new IllegalStateException("faulty on purpose");
                    }
                    return 0;
                };
            }
        };
    }

    private static List<GeneratedSequence> children(GenerationHandle handle) {
        return handle.group().ended().stream()
                .filter(sequence -> sequence.parent() != null)
                .toList();
    }

    private static double blocksUsed(LoopFixture fixture) {
        return Metrics.value(fixture.metrics, "edistream_generator_kv_blocks_used");
    }

    /** Whoever shares the tokens before one has the same choice there: nobody takes what another has taken, at any depth. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void branchesOfBranchesNeverRepeatEachOther(long seed) {
        LoopFixture fixture = LoopFixture.endless();
        Random random = new Random(seed);
        GenerationHandle root = fixture.submit(request(1, seed).withMaxNewTokens(40));
        fixture.steps(12);
        List<Long> running = new ArrayList<>(List.of(root.counter()));
        int applied = 0;
        for (int i = 0; i < 20; i++) {
            ControlOutcome outcome = fixture.send(fixture.branch(
                    running.get(random.nextInt(running.size())), random.nextInt(10), 1 + random.nextInt(3), 0));
            applied += outcome.kind() == OutcomeKind.APPLIED ? 1 : 0;
            running.addAll(outcome.started());
        }
        fixture.runOut();
        List<GeneratedSequence> all = root.group().whenIdle().join();
        assertThat(applied)
                .as("the others were asked for at tokens that were not there yet")
                .isGreaterThan(10);
        for (GeneratedSequence child : all) {
            Integer at = child.forkToken();
            if (at == null) {
                continue;
            }
            List<Integer> begin = ids(child).subList(0, at + 1);
            assertThat(all.stream()
                            .filter(other -> other.counter() < child.counter())
                            .map(other -> ids(other).subList(0, at + 1)))
                    .as("sequence %s, forked at %s", child.counter(), at)
                    .doesNotContain(begin);
        }
    }
}
