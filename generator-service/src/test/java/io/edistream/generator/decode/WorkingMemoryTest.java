package io.edistream.generator.decode;

import static io.edistream.generator.decode.LoopFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No call allocates more than it may, and what comes of it is the same. */
class WorkingMemoryTest {

    /** Each factor counts. One row of one token at the longest length here, 105 positions in 27 blocks: 1 + 27 = 28. */
    private static final FakeLanguageModel.WorkingBytes BYTES =
            (rows, tokens, blocks) -> (long) rows * (tokens + blocks);

    private static final int LEAST = 28;

    private static final int PROMPT_TOKENS = 100;

    @ParameterizedTest
    @ValueSource(longs = {LEAST, LEAST + 1, 40, 56, 77, 100, 150, 300, 1_000, 10_000})
    void tokensAndStatisticsDoNotDependOnWhatACallMayAllocate(long budget) {
        List<List<DecodedToken>> expected = tokens(fixture(Long.MAX_VALUE));
        LoopFixture fixture = fixture(budget);
        List<Long> calls = new ArrayList<>();
        fixture.model.onRows(rows -> calls.add(bytes(rows)));

        assertThat(tokens(fixture)).isEqualTo(expected);
        assertThat(calls).allMatch(bytes -> bytes <= budget);
    }

    /** 8 rows of 100 bytes each. */
    @ParameterizedTest
    @CsvSource({"800, '8'", "799, '4 4'", "400, '4 4'", "399, '2 2 2 2'", "199, '1 1 1 1 1 1 1 1'"})
    void rowsAreHalvedUntilTheyFit(long budget, String calls) {
        LoopFixture fixture = fixture(budget);
        fixture.model.workingBytes((rows, tokens, blocks) -> 100L * rows);
        fixture.loop.submit(request(1, 1), 8);
        fixture.steps(1);
        int before = fixture.model.rowsPerStep().size();
        fixture.steps(1);
        List<Integer> step = fixture.model.rowsPerStep();
        assertThat(step.subList(before, step.size())).isEqualTo(ints(calls));
    }

    /** Bytes as many as tokens: the largest part that fits, as often as a step may read. */
    @ParameterizedTest
    @CsvSource({"100, '100'", "99, '99 1'", "30, '30 30 30 10'", "1000, '100'"})
    void aPartOfAPromptIsAsLongAsFits(long budget, String parts) {
        LoopFixture fixture = fixture(budget);
        fixture.model.workingBytes((rows, tokens, blocks) -> tokens);
        List<Integer> read = new ArrayList<>();
        fixture.model.onRows(rows -> read.add(rows.get(0).tokens().size()));
        fixture.submit(longRequest(1));
        fixture.steps(1);
        assertThat(read).isEqualTo(ints(parts));
    }

    /** Blocks of 4 tokens: the further behind, the more keys a part sees. */
    @Test
    void partsBecomeShorterAsTheSequenceBecomesLonger() {
        LoopFixture fixture = fixture(40);
        List<Integer> read = new ArrayList<>();
        fixture.model.onRows(rows -> read.add(rows.get(0).tokens().size()));
        fixture.submit(longRequest(1));
        fixture.steps(1);
        // 32 + 32/4 = 40; 25 + ceil(57/4) = 40; 20 + ceil(77/4) = 40; 16 + ceil(93/4) = 40; the rest.
        assertThat(read).containsExactly(32, 25, 20, 16, 7);
    }

    @Test
    void whatDoesNotFitByItselfIsRefused() {
        assertThat(fixture(LEAST).submit(longRequest(1)).completion()).isNotDone();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fixture(LEAST - 1).submit(longRequest(1)))
                .withMessage(
                        "a sequence of up to 105 tokens of model fake needs 28 bytes of working memory for one token,"
                                + " but a call may use 27 (maximum of working bytes; edistream generate --working-memory)");
    }

    /** Four calls of 4 rows, of which the bad row's is halved: 4, 2, 1. */
    @Test
    void aRowThatFailsEndsAloneWhateverItsCall() {
        LoopFixture fixture = fixture(400);
        fixture.model.workingBytes((rows, tokens, blocks) -> 100L * rows);
        List<GenerationHandle> handles = fixture.loop.submit(request(1, 1), 16);
        fixture.steps(2);
        fixture.model.failingFor(row -> row.sampling().seed() == 1);
        fixture.runOut();
        assertThat(fixture.model.failures()).isEqualTo(3);
        assertThat(handles.get(0).completion().join().reason()).isEqualTo(EndReason.ERROR);
        assertThat(handles.subList(1, 16))
                .extracting(handle -> handle.completion().join().reason())
                .containsOnly(EndReason.LENGTH);
    }

    /** Short and long prompts, greedy and drawn. */
    private static List<List<DecodedToken>> tokens(LoopFixture fixture) {
        List<GenerationHandle> handles = new ArrayList<>();
        for (int seed = 0; seed < 6; seed++) {
            handles.add(fixture.submit(longRequest(seed)));
            handles.add(fixture.submit(request(seed % 2, seed)));
        }
        handles.addAll(fixture.loop.submit(request(1, 99), 5));
        fixture.runOut();
        assertThat(handles)
                .extracting(handle -> handle.completion().join().reason())
                .containsOnly(EndReason.LENGTH);
        return handles.stream()
                .map(handle -> handle.completion().join().tokens())
                .toList();
    }

    private static long bytes(List<StepRow> rows) {
        return BYTES.of(
                rows.size(),
                rows.stream().mapToInt(row -> row.tokens().size()).max().orElseThrow(),
                rows.stream().mapToInt(row -> row.blocks().size()).max().orElseThrow());
    }

    private static LoopFixture fixture(long budget) {
        FakeLanguageModel model = FakeLanguageModel.endlessWithBlocks(2000);
        model.workingBytes(BYTES);
        return new LoopFixture(model, new DecodeOptions(32, 100, PROMPT_TOKENS, budget));
    }

    private static GenerationRequest longRequest(long seed) {
        List<Integer> prompt = IntStream.range(0, PROMPT_TOKENS)
                .map(i -> 1 + i * 7 % 39)
                .boxed()
                .toList();
        return GenerationRequest.of(prompt).withSampling(Sampling.of(1, seed)).withMaxNewTokens(6);
    }

    private static List<Integer> ints(String numbers) {
        return List.of(numbers.split(" ")).stream().map(Integer::valueOf).toList();
    }
}
