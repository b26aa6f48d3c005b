package io.edistream.generator.decode;

import static io.edistream.generator.decode.LoopFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.Uniforms;
import io.edistream.sequences.metrics.Metrics;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The model throws whenever certain rows are in a call: their sequences end, and no other notices. */
class FailingCallTest {

    private static final int ROWS = 64;

    private static final long SEED = 1;

    @ParameterizedTest
    @ValueSource(ints = {0, 31, 32, 63})
    void oneBadRowOf64EndsAlone(int bad) {
        LoopFixture healthy = fixture();
        List<GenerationHandle> undisturbed = running(healthy);
        healthy.runOut();
        LoopFixture fixture = fixture();
        List<GenerationHandle> handles = running(fixture);
        poison(fixture, Set.of(bad));
        fixture.steps(1);
        // It is in one call of each size: 64, 32, 16, 8, 4, 2, 1.
        assertThat(fixture.model.failures()).isEqualTo(7);
        fixture.runOut();
        assertThat(fixture.model.failures()).as("nothing is tried again later").isEqualTo(7);
        for (int row = 0; row < ROWS; row++) {
            GeneratedSequence result = handles.get(row).completion().join();
            List<DecodedToken> expected =
                    undisturbed.get(row).completion().join().tokens();
            if (row == bad) {
                assertThat(result.reason()).isEqualTo(EndReason.ERROR);
                assertThat(result.tokens()).isEqualTo(expected.subList(0, 20));
            } else {
                assertThat(result.reason()).isEqualTo(EndReason.LENGTH);
                assertThat(result.tokens()).isEqualTo(expected);
            }
        }
        assertThat(Metrics.value(fixture.metrics, "edistream_generator_kv_blocks_used"))
                .isZero();
        assertThat(failedCalls(fixture)).isEqualTo(7);
        assertThat(failedRows(fixture)).isEqualTo(1);
        assertThat(failedCalls(healthy)).isZero();
        assertThat(failedRows(healthy)).isZero();
    }

    @Test
    void badRowsOfBothHalvesEndAndNoOther() {
        LoopFixture fixture = fixture();
        List<GenerationHandle> handles = running(fixture);
        poison(fixture, Set.of(5, 6, 40));
        fixture.runOut();
        for (int row = 0; row < ROWS; row++) {
            assertThat(handles.get(row).completion().join().reason())
                    .isEqualTo(Set.of(5, 6, 40).contains(row) ? EndReason.ERROR : EndReason.LENGTH);
        }
    }

    @Test
    void aModelThatFailsForAllIsCalledFewerThanTwiceARow() {
        LoopFixture fixture = fixture();
        List<GenerationHandle> handles = running(fixture);
        fixture.model.failing(true);
        fixture.runOut();
        assertThat(fixture.model.failures()).isEqualTo(2 * ROWS - 1);
        assertThat(failedCalls(fixture)).isEqualTo(2 * ROWS - 1);
        assertThat(failedRows(fixture)).isEqualTo(ROWS);
        assertThat(handles)
                .extracting(handle -> handle.completion().join().reason())
                .containsOnly(EndReason.ERROR);
    }

    @ParameterizedTest
    @ValueSource(ints = {257, 1024})
    void moreThan256SequencesAreDecodedTogether(int rows) {
        LoopFixture fixture = new LoopFixture(
                FakeLanguageModel.endlessWithBlocks(1 + 16 * rows), new DecodeOptions(rows, rows, 5 * rows));
        List<GenerationHandle> handles = fixture.loop.submit(request(1, 1), rows);
        fixture.runOut();
        assertThat(fixture.model.rowsPerStep()).contains(rows);
        assertThat(handles)
                .extracting(handle -> handle.completion().join().reason())
                .containsOnly(EndReason.LENGTH);
        assertThat(fixture.events.recorded().get(0).starts()).hasSize(rows);
    }

    private static double failedCalls(LoopFixture fixture) {
        return Metrics.value(fixture.metrics, "edistream_generator_failed_calls");
    }

    private static double failedRows(LoopFixture fixture) {
        return Metrics.value(fixture.metrics, "edistream_generator_failed_rows");
    }

    private static LoopFixture fixture() {
        return new LoopFixture(FakeLanguageModel.endlessWithBlocks(2000), new DecodeOptions(ROWS, ROWS, 5 * ROWS));
    }

    /** All of them have 20 tokens. */
    private static List<GenerationHandle> running(LoopFixture fixture) {
        List<GenerationHandle> handles = fixture.loop.submit(request(1, SEED), ROWS);
        fixture.steps(20);
        return handles;
    }

    /** The model fails from now on whenever one of these samples is in a call. */
    private static void poison(LoopFixture fixture, Set<Integer> samples) {
        Set<Long> seeds = samples.stream()
                .map(sample -> sample == 0 ? SEED : Uniforms.sampleSeed(SEED, sample))
                .collect(Collectors.toSet());
        fixture.model.failingFor(row -> seeds.contains(row.sampling().seed()));
    }
}
