package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.generator.decode.DecodeLoop;
import io.edistream.generator.decode.DecodeOptions;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.generator.decode.Route;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.control.Commands;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlCommand.Arguments;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.RecordingEntropyPublisher;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.sequences.metrics.Metrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The decode loop over a shipped model. */
class ReasonerITCase {

    private static final String PROMPT = "Tom has 14 marbles. In January he buys 13 more. In February he loses 5."
            + " How many marbles does Tom have now?";
    private static final int SEQUENCES = 64;

    private Route route;
    private GeneratorMetrics metrics;
    private RecordingOutcomePublisher outcomes;
    private DecodeLoop loop;

    @BeforeEach
    void load() {
        load(TorchOptions.defaults());
    }

    private void load(TorchOptions options) {
        load(options, DecodeOptions.defaults());
    }

    private void load(TorchOptions options, DecodeOptions decode) {
        route = FolderRoutes.load("default", Models.folder("reasoner-s"), options);
        metrics = new GeneratorMetrics(new PrometheusRegistry());
        outcomes = new RecordingOutcomePublisher();
        loop = new DecodeLoop(
                List.of(route),
                decode,
                ControlOptions.defaults(),
                new RecordingEntropyPublisher(),
                outcomes,
                metrics,
                () -> 0);
    }

    @AfterEach
    void close() {
        route.close();
    }

    @Test
    void tokensAndStatisticsDoNotDependOnTheBatch() {
        List<GeneratedSequence> alone = new ArrayList<>();
        for (int seed = 0; seed < SEQUENCES; seed++) {
            GenerationHandle handle = submit(seed);
            runOut();
            alone.add(handle.completion().join());
        }
        List<GenerationHandle> together = new ArrayList<>();
        for (int seed = 0; seed < SEQUENCES; seed++) {
            together.add(submit(seed));
        }
        runOut();
        for (int seed = 0; seed < SEQUENCES; seed++) {
            assertThat(together.get(seed).completion().join().tokens())
                    .as("seed %d", seed)
                    .isEqualTo(alone.get(seed).tokens());
        }
        assertThat(alone.stream().map(GeneratedSequence::tokens).distinct().count())
                .isGreaterThan(SEQUENCES / 2);
    }

    /** As one padded group, in groups by length, and each row alone: the same bits. */
    @Test
    void tokensAndStatisticsDoNotDependOnTheGroups() {
        List<List<GeneratedSequence>> outcomes = new ArrayList<>();
        for (RowGrouping grouping :
                List.of(RowGrouping.together(), RowGrouping.byLength(0, Long.MAX_VALUE), RowGrouping.byLength(0, 1))) {
            route.close();
            load(TorchOptions.defaults().grouped(grouping));
            List<GenerationHandle> handles = new ArrayList<>();
            for (int seed = 0; seed < 16; seed++) {
                handles.add(submit(seed));
            }
            runOut();
            outcomes.add(
                    handles.stream().map(handle -> handle.completion().join()).toList());
        }
        for (int seed = 0; seed < 16; seed++) {
            assertThat(outcomes.get(1).get(seed).tokens())
                    .isEqualTo(outcomes.get(0).get(seed).tokens());
            assertThat(outcomes.get(2).get(seed).tokens())
                    .isEqualTo(outcomes.get(0).get(seed).tokens());
        }
    }

    /** Each row alone and prompts in parts, a few rows at a time, all of them: the same bits. */
    @Test
    void tokensAndStatisticsDoNotDependOnWhatACallMayAllocate() {
        List<List<GeneratedSequence>> outcomes = new ArrayList<>();
        for (long budget : List.of(1_200_000L, 4_000_000L, DecodeOptions.DEFAULT_WORKING_BYTES)) {
            route.close();
            load(TorchOptions.defaults(), new DecodeOptions(64, 100, 128, budget));
            List<GenerationHandle> handles = new ArrayList<>();
            for (int seed = 0; seed < 16; seed++) {
                handles.add(submit(seed));
            }
            runOut();
            outcomes.add(
                    handles.stream().map(handle -> handle.completion().join()).toList());
        }
        for (int seed = 0; seed < 16; seed++) {
            assertThat(outcomes.get(0).get(seed).tokens())
                    .isEqualTo(outcomes.get(2).get(seed).tokens());
            assertThat(outcomes.get(1).get(seed).tokens())
                    .isEqualTo(outcomes.get(2).get(seed).tokens());
        }
    }

    @Test
    void greedyForksReproduceTheParentButForTheForcedToken() {
        GenerationHandle handle = submit(GenerationRequest.of(PROMPT).withSampling(Sampling.greedy()));
        for (int i = 0; i < 25; i++) {
            loop.step();
        }
        branch(handle.counter(), 20);
        runOut();
        GeneratedSequence parent = handle.completion().join();
        GeneratedSequence child = handle.group().ended().stream()
                .filter(sequence -> sequence.parent() != null)
                .findFirst()
                .orElseThrow();
        assertThat(child.tokens().subList(0, 20)).isEqualTo(parent.tokens().subList(0, 20));
        assertThat(child.tokens().get(20).stats().rank()).isEqualTo(1);
        assertThat(child.tokens().get(20).stats().entropyNats())
                .as("the same distribution")
                .isEqualTo(parent.tokens().get(20).stats().entropyNats());

        // Starting afresh behind the child's tokens must go on as the child did.
        List<Integer> prefix = new ArrayList<>(child.promptTokens());
        List<Integer> childIds = child.tokens().stream().map(DecodedToken::id).toList();
        prefix.addAll(childIds.subList(0, 21));
        GenerationHandle afresh = submit(
                GenerationRequest.of(prefix).withSampling(Sampling.greedy()).withMaxNewTokens(200));
        runOut();
        List<Integer> afreshIds = afresh.completion().join().tokens().stream()
                .map(DecodedToken::id)
                .toList();
        assertThat(childIds.subList(21, childIds.size())).isEqualTo(afreshIds.subList(0, childIds.size() - 21));
        assertThat(Metrics.value(metrics, "edistream_generator_kv_blocks_used")).isZero();
    }

    @Test
    void readsThePromptAndFindsAnAnswer() {
        List<GenerationHandle> handles =
                loop.submit(GenerationRequest.of(PROMPT).withSampling(Sampling.of(.7, 1)), 32);
        runOut();
        List<GeneratedSequence> ended = handles.stream()
                .map(handle -> handle.completion().join())
                .filter(sequence -> sequence.reason() == EndReason.END_OF_SEQUENCE)
                .toList();
        assertThat(ended).isNotEmpty();
        assertThat(ended.stream().map(GeneratedSequence::answer).filter(answer -> answer != null))
                .isNotEmpty()
                .allSatisfy(answer -> assertThat(answer).matches("[0-9].*"));
    }

    private GenerationHandle submit(int seed) {
        // Prompts of different lengths, so that rows are padded.
        String prompt = seed % 2 == 0 ? PROMPT : "Ana has 7 shells. In May she finds 2 shells. " + PROMPT;
        return submit(GenerationRequest.of(prompt)
                .withSampling(new Sampling(.9, seed % 3 == 0 ? 20 : 0, seed % 5 == 0 ? .9 : 1, 0, seed))
                .withMaxNewTokens(120));
    }

    private GenerationHandle submit(GenerationRequest request) {
        return loop.submit(request, 1).get(0);
    }

    private void branch(long sequence, int atToken) {
        loop.accept(new ReceivedCommand(
                Commands.armed(
                        new UUID(0, 1), sequence, ControlAction.BRANCH, atToken, 0, Arguments.branch(atToken, 1, 0)),
                0));
        loop.step();
        assertThat(outcomes.recorded().get(0).started()).hasSize(1);
    }

    private void runOut() {
        while (loop.step()) {
            // Each step brings every sequence one token nearer to its limit.
        }
    }
}
