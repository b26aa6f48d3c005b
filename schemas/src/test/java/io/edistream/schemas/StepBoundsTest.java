package io.edistream.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What fits a record's tokens and what does not, on both sides of each bound. */
class StepBoundsTest {

    private static final int TOKENS = 5;

    private final StepDecoder decoder = new StepDecoder();
    private final RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
    private final Step step = new Step();

    private static TokenEntropyBatch batch() {
        return TokenEntropyBatch.newBuilder()
                .setGenerator(Ids.generatorId(1))
                .setRecordNumber(2)
                .setDecodedAtMicros(3)
                .setRuns(List.of(new TokenRun(10L, 20, 2), new TokenRun(11L, 0, 3)))
                .build();
    }

    private Step decoded(Consumer<TokenEntropyBatch> change) throws UnreadableRecordException {
        TokenEntropyBatch batch = batch();
        change.accept(batch);
        decoder.decode(codec.encode(batch), step);
        return step;
    }

    static Stream<Arguments> denseColumns() {
        return Stream.of(
                dense("entropies", count -> batch -> batch.setEntropies(Collections.nCopies(count, 1f))),
                dense("logprobs", count -> batch -> batch.setLogprobs(Collections.nCopies(count, -1f))),
                dense("confidences", count -> batch -> batch.setConfidences(Collections.nCopies(count, 1f))),
                dense("upper_bounds", count -> batch -> batch.setUpperBounds(Collections.nCopies(count, 1f))),
                dense("rest_masses", count -> batch -> batch.setRestMasses(Collections.nCopies(count, 1f))),
                dense("ranks", count -> batch -> batch.setRanks(Collections.nCopies(count, 1))),
                dense("self_certainties", count -> batch -> batch.setSelfCertainties(Collections.nCopies(count, 1f))),
                dense("varentropies", count -> batch -> batch.setVarentropies(Collections.nCopies(count, 1f))),
                dense("probes", count -> batch -> batch.setProbes(Collections.nCopies(count, 1f))),
                dense("importances", count -> batch -> batch.setImportances(Collections.nCopies(count, 1f))),
                dense("phases", count -> batch -> batch.setPhases(Collections.nCopies(count, Phase.OTHER))),
                dense("token_ids", count -> batch -> batch.setTokenIds(Collections.nCopies(count, 1))));
    }

    /** Sets a column of so many values. */
    private interface Dense {
        Consumer<TokenEntropyBatch> of(int count);
    }

    private static Arguments dense(String name, Dense column) {
        return Arguments.of(name, column);
    }

    @ParameterizedTest
    @MethodSource("denseColumns")
    void aDenseColumnHasNoValueOrOneForEachToken(String name, Dense column) throws Exception {
        for (int fitting : new int[] {0, TOKENS}) {
            assertThat(decoded(column.of(fitting)).columnProblem()).isEmpty();
        }
        for (int misfitting : new int[] {1, TOKENS - 1, TOKENS + 1, 10 * TOKENS}) {
            assertThat(decoded(column.of(misfitting)).columnProblem())
                    .isEqualTo(misfitting + " values in column " + name
                            + ": must be none or one for each of the 5 tokens of the record");
        }
    }

    static Stream<Arguments> unmeasured() {
        String misfit = "entry of %s tokens at place %s in column unmeasured: entries must rise, hold at least 1 token"
                + " and end within the 5 tokens of the record";
        return Stream.of(
                Arguments.of(List.of(entry(0, 5)), ""),
                Arguments.of(List.of(entry(0, 1), entry(1, 1), entry(4, 1)), ""),
                Arguments.of(List.of(entry(4, 2)), misfit.formatted(2, 4)),
                Arguments.of(List.of(entry(5, 1)), misfit.formatted(1, 5)),
                Arguments.of(List.of(entry(-1, 1)), misfit.formatted(1, -1)),
                Arguments.of(List.of(entry(2, 0)), misfit.formatted(0, 2)),
                Arguments.of(List.of(entry(2, -1)), misfit.formatted(-1, 2)),
                Arguments.of(List.of(entry(2, 2), entry(3, 1)), misfit.formatted(1, 3)),
                Arguments.of(List.of(entry(2, 1), entry(0, 1)), misfit.formatted(1, 0)),
                Arguments.of(List.of(entry(1, Integer.MAX_VALUE)), misfit.formatted(Integer.MAX_VALUE, 1)),
                Arguments.of(
                        List.of(entry(Integer.MAX_VALUE, Integer.MAX_VALUE)),
                        misfit.formatted(Integer.MAX_VALUE, Integer.MAX_VALUE)),
                Arguments.of(List.of(entry(Integer.MIN_VALUE, 1)), misfit.formatted(1, Integer.MIN_VALUE)));
    }

    private static UnmeasuredTokens entry(int place, int count) {
        return new UnmeasuredTokens(place, count, UnmeasuredReason.UNKNOWN);
    }

    @ParameterizedTest
    @MethodSource("unmeasured")
    void entriesOfUnmeasuredTokensRiseWithinTheRecord(List<UnmeasuredTokens> entries, String problem) throws Exception {
        assertThat(decoded(batch -> batch.setUnmeasured(entries)).columnProblem())
                .isEqualTo(problem);
    }

    /** Also of the reason UNKNOWN, which is what a reader makes of a reason that it does not know. */
    @Test
    void anEntryCoversItsPlacesAndNoOther() throws Exception {
        decoded(batch -> batch.setUnmeasured(List.of(entry(1, 2), entry(4, 1))));

        assertThat(List.of(
                        step.isUnmeasured(0),
                        step.isUnmeasured(1),
                        step.isUnmeasured(2),
                        step.isUnmeasured(3),
                        step.isUnmeasured(4)))
                .containsExactly(false, true, true, false, true);
    }

    static Stream<Arguments> classes() {
        String misfit =
                "entry of 1 tokens at place %s in column token_classes: entries must rise, hold at least 1 token"
                        + " and end within the 5 tokens of the record";
        return Stream.of(
                Arguments.of(List.of(new TokenClass(0, 0), new TokenClass(4, 127)), ""),
                Arguments.of(List.of(new TokenClass(1, 128)), "class 128 at place 1: must be 0 to 127"),
                Arguments.of(List.of(new TokenClass(1, -1)), "class -1 at place 1: must be 0 to 127"),
                Arguments.of(List.of(new TokenClass(5, 1)), misfit.formatted(5)),
                Arguments.of(List.of(new TokenClass(-1, 1)), misfit.formatted(-1)),
                Arguments.of(List.of(new TokenClass(2, 1), new TokenClass(2, 1)), misfit.formatted(2)),
                Arguments.of(List.of(new TokenClass(2, 1), new TokenClass(1, 1)), misfit.formatted(1)));
    }

    @ParameterizedTest
    @MethodSource("classes")
    void classesRiseWithinTheRecordAndFitAByte(List<TokenClass> entries, String problem) throws Exception {
        assertThat(decoded(batch -> batch.setTokenClasses(entries)).columnProblem())
                .isEqualTo(problem);
    }

    @Test
    void theHighestClassIsReadAsItIs() throws Exception {
        decoded(batch -> batch.setTokenClasses(List.of(new TokenClass(3, 127))));

        assertThat(step.tokenClass(3)).isEqualTo(127);
        assertThat(step.tokenClass(2)).isZero();
    }

    /** Room for runs is made as they come. */
    @Test
    void aRecordMayHaveManyRuns() throws Exception {
        List<TokenRun> runs = new ArrayList<>();
        for (int run = 0; run < 1_000; run++) {
            runs.add(new TokenRun(run + 5L, 3 * run, 1 + run % 2));
        }
        decoded(batch -> batch.setRuns(runs));

        assertThat(step.runs()).isEqualTo(1_000);
        for (int run = 0; run < 1_000; run++) {
            assertThat(step.sequence(run)).isEqualTo(run + 5L);
            assertThat(step.firstToken(run)).isEqualTo(3 * run);
            assertThat(step.length(run)).isEqualTo(1 + run % 2);
            // Every other run is of two tokens.
            assertThat(step.place(run)).isEqualTo(run + run / 2);
        }
    }

    /** Whoever watches rejects it, and says for which sequence. */
    @Test
    void aRunOfNoTokensFits() throws Exception {
        decoded(batch -> batch.setRuns(List.of(new TokenRun(10L, 20, 2), new TokenRun(12L, 9, 0))));

        assertThat(step.columnProblem()).isEmpty();
        assertThat(step.runs()).isEqualTo(2);
        assertThat(step.length(1)).isZero();
    }

    @Test
    void aRunOfLessThanNoTokensDoesNotFit() throws Exception {
        for (int tokens : new int[] {-1, Integer.MIN_VALUE}) {
            decoded(batch -> batch.setRuns(List.of(new TokenRun(10L, 20, 2), new TokenRun(12L, 9, tokens))));

            assertThat(step.columnProblem()).isEqualTo(tokens + " tokens in run 1: must be at least 1");
            assertThat(step.tokens()).isEqualTo(2);
        }
    }

    @Test
    void aRecordHasABoundOfTokens() throws Exception {
        decoded(batch ->
                batch.setRuns(List.of(new TokenRun(1L, 0, RecordLimits.MAX_TOKENS - 1), new TokenRun(2L, 0, 1))));
        assertThat(step.columnProblem()).isEmpty();
        assertThat(step.tokens()).isEqualTo(RecordLimits.MAX_TOKENS);

        decoded(batch ->
                batch.setRuns(List.of(new TokenRun(1L, 0, RecordLimits.MAX_TOKENS - 1), new TokenRun(2L, 0, 2))));
        assertThat(step.columnProblem())
                .isEqualTo("2 tokens in run 1 behind 262143 others of the record: at most 262144 are allowed in all");

        decoded(batch -> batch.setRuns(List.of(new TokenRun(1L, 0, RecordLimits.MAX_TOKENS + 1))));
        assertThat(step.columnProblem())
                .isEqualTo("262145 tokens in run 0 behind 0 others of the record: at most 262144 are allowed in all");
    }

    @Test
    void aRunThatClaimsBillionsOfTokensCostsNothing() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        TokenRun run = new TokenRun(1L, 0, Integer.MAX_VALUE);
        UnmeasuredTokens all = new UnmeasuredTokens(0, Integer.MAX_VALUE, UnmeasuredReason.LOST);
        TokenEntropyBatch batch = batch();
        batch.setRuns(List.of(run, run, run));
        batch.setUnmeasured(List.of(all, all));
        byte[] record = codec.encode(batch);
        decoder.decode(record, step);
        long before = threads.getCurrentThreadAllocatedBytes();

        decoder.decode(record, step);

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(64 << 10);
        assertThat(step.columnProblem()).startsWith("2147483647 tokens in run 0 behind 0 others");
        assertThat(step.tokens()).isZero();
    }

    @Test
    void theFirstProblemIsToldAndTheRestIsRead() throws Exception {
        decoded(batch -> {
            batch.setEntropies(List.of(1f));
            batch.setUnmeasured(List.of(entry(9, 1)));
            batch.setStarts(List.of(Records.start()));
            batch.setFinishes(List.of(Records.finish()));
        });

        assertThat(step.columnProblem()).contains("place 9 in column unmeasured");
        assertThat(step.starts()).containsExactly(Records.start());
        assertThat(step.finishes()).containsExactly(Records.finish());
    }
}
