package io.edistream.generator.decode;

import static io.edistream.generator.decode.LoopFixture.ids;
import static io.edistream.generator.decode.LoopFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.event.TokenRun;
import io.edistream.sequences.metrics.Metrics;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Long prompts are read in parts between decode steps. */
class PromptPartsTest {

    private static final List<Integer> LONG =
            IntStream.range(0, 100).map(i -> 1 + i * 7 % 39).boxed().toList();

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 7, 99, 100, 101})
    void partsComeToTheSameTokensAsTheWholePrompt(int budget) {
        LoopFixture whole = fixture(1_000);
        LoopFixture inParts = fixture(budget);
        GenerationHandle expected = whole.submit(longRequest(1));
        GenerationHandle actual = inParts.submit(longRequest(1));
        whole.runOut();
        inParts.runOut();

        assertThat(ids(actual.completion().join()))
                .hasSize(20)
                .isEqualTo(ids(expected.completion().join()));
        int parts = (LONG.size() + budget - 1) / budget;
        assertThat(inParts.model.rowsPerStep()).hasSize(parts + 19);
        assertThat(inParts.events.recorded().stream().flatMap(step -> step.starts().stream()))
                .extracting(SequenceStarted::sequence)
                .containsExactly(0L);
    }

    @Test
    void aLongPromptHoldsUpTheOthersByAtMostOnePartPerToken() {
        LoopFixture fixture = fixture(30);
        fixture.submit(request(1, 1));
        fixture.steps(1);
        fixture.submit(longRequest(2));
        for (int step = 0; step < 4; step++) {
            int calls = fixture.model.rowsPerStep().size();
            fixture.steps(1);
            // A row of the one that runs, then a part: 30, 30, 30 and 10 tokens.
            assertThat(fixture.model.rowsPerStep().subList(calls, calls + 2)).containsExactly(1, 1);
            assertThat(fixture.model.rowsPerStep()).hasSize(calls + 2);
            assertThat(lastRuns(fixture)).extracting(TokenRun::sequence).contains(0L);
        }
        assertThat(lastRuns(fixture)).extracting(TokenRun::sequence).containsExactlyInAnyOrder(0L, 1L);
        fixture.steps(1);
        assertThat(fixture.model.rowsPerStep()).endsWith(2);
    }

    @Test
    void promptsAreReadInOrderAndShareWhatAStepMayRead() {
        LoopFixture fixture = fixture(105);
        GenerationHandle first = fixture.submit(longRequest(1));
        GenerationHandle second = fixture.submit(request(1, 1));
        GenerationHandle third = fixture.submit(request(1, 2));
        fixture.steps(1);
        assertThat(lastRuns(fixture)).extracting(TokenRun::sequence).containsExactly(first.counter(), second.counter());
        fixture.steps(1);
        assertThat(lastRuns(fixture)).extracting(TokenRun::sequence).contains(third.counter());
    }

    @Test
    void oneThatIsStoppedWhileItsPromptIsReadGivesItsBlocksBack() {
        LoopFixture fixture = fixture(30);
        GenerationHandle stopped = fixture.submit(longRequest(1));
        GenerationHandle behind = fixture.submit(request(1, 1));
        fixture.steps(2);
        fixture.send(fixture.abort(stopped.counter()));
        assertThat(stopped.completion().join().reason()).isEqualTo(EndReason.ABORTED);
        assertThat(stopped.completion().join().tokens()).isEmpty();
        fixture.runOut();
        assertThat(behind.completion().join().reason()).isEqualTo(EndReason.LENGTH);
        assertThat(Metrics.value(fixture.metrics, "edistream_generator_kv_blocks_used"))
                .isZero();
    }

    @Test
    void oneWhosePartCannotBeComputedEndsAlone() {
        LoopFixture fixture = fixture(30);
        GenerationHandle running = fixture.submit(request(1, 1));
        GenerationHandle bad = fixture.submit(longRequest(1));
        fixture.model.failingFor(row -> row.tokens().size() > 1 && row.firstPosition() == 55);
        fixture.runOut();
        assertThat(bad.completion().join().reason()).isEqualTo(EndReason.ERROR);
        assertThat(running.completion().join().reason()).isEqualTo(EndReason.LENGTH);
        assertThat(Metrics.value(fixture.metrics, "edistream_generator_kv_blocks_used"))
                .isZero();
    }

    private static List<TokenRun> lastRuns(LoopFixture fixture) {
        return fixture.events.recorded().isEmpty()
                ? Collections.emptyList()
                : fixture.events
                        .recorded()
                        .get(fixture.events.recorded().size() - 1)
                        .runs();
    }

    private static LoopFixture fixture(int promptTokens) {
        return new LoopFixture(FakeLanguageModel.endlessWithBlocks(2000), new DecodeOptions(8, 100, promptTokens));
    }

    private static GenerationRequest longRequest(long seed) {
        return GenerationRequest.of(LONG).withSampling(Sampling.of(1, seed)).withMaxNewTokens(20);
    }
}
