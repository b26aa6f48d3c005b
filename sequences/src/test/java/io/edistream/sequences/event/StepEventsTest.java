package io.edistream.sequences.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.TokenStats;
import io.edistream.sequences.ToldSampling;
import io.edistream.sequences.event.SequenceEnded.Delivery;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StepEventsTest {

    @Test
    void mergingJoinsRunsAndKeepsOrder() {
        StepEvents first = new StepEvents(10, List.of(start(1)), List.of(run(1, 0, 2), run(0, 5, 1)), List.of());
        StepEvents second =
                new StepEvents(20, List.of(start(2)), List.of(run(2, 0, 1), run(1, 2, 1)), List.of(end(1, 3)));
        StepEvents third = new StepEvents(30, List.of(), List.of(run(0, 6, 1), run(2, 1, 1)), List.of(end(2, 2)));

        StepEvents merged = StepEvents.merged(List.of(first, second, third));

        assertThat(merged.decodedAtMicros()).isEqualTo(30);
        assertThat(merged.starts()).extracting(SequenceStarted::sequence).containsExactly(1L, 2L);
        assertThat(merged.runs()).containsExactly(run(1, 0, 3), run(0, 5, 2), run(2, 0, 2));
        assertThat(merged.ends()).extracting(SequenceEnded::sequence).containsExactly(1L, 2L);
    }

    @Test
    void aSingleStepStaysAsItIs() {
        StepEvents only = new StepEvents(10, List.of(), List.of(run(0, 5, 1)), List.of());
        assertThat(StepEvents.merged(List.of(only))).isSameAs(only);
    }

    @Test
    void runsAcrossAGapAreNotMerged() {
        StepEvents first = new StepEvents(10, List.of(), List.of(run(0, 5, 1)), List.of());
        StepEvents later = new StepEvents(20, List.of(), List.of(run(0, 7, 1)), List.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StepEvents.merged(List.of(first, later)))
                .withMessageContaining("token 7 of sequence 0 does not follow token 5 of sequence 0");
    }

    @Test
    void aRunNeedsAToken() {
        assertThatIllegalArgumentException().isThrownBy(() -> new TokenRun(3, 0, List.of(), null));
    }

    @Test
    void changesOfSamplingAreMergedAndHalvedWithTheRest() {
        SamplingChanged first = new SamplingChanged(0, 1, Sampling.greedy());
        SamplingChanged second = new SamplingChanged(0, 2, Sampling.of(1, 0));
        StepEvents one = new StepEvents(1, List.of(start(0)), List.of(first), List.of(run(0, 0, 1)), List.of());
        StepEvents other = new StepEvents(2, List.of(), List.of(second), List.of(run(0, 1, 1)), List.of(end(0, 2)));
        StepEvents merged = StepEvents.merged(List.of(one, other));
        assertThat(merged.changes()).containsExactly(first, second);
        List<StepEvents> halves = merged.halves();
        assertThat(halves.get(0)).isEqualTo(new StepEvents(2, List.of(start(0)), List.of(first), List.of(), List.of()));
        assertThat(halves.get(1))
                .isEqualTo(new StepEvents(2, List.of(), List.of(second), List.of(run(0, 0, 2)), List.of(end(0, 2))));
        assertThat(new StepEvents(1, List.of(), List.of(first), List.of(), List.of()).isEmpty())
                .isFalse();
    }

    private static SequenceStarted start(long sequence) {
        return new SequenceStarted(
                sequence,
                0,
                "m",
                "r",
                "djl",
                EntropyKind.RAW_EXACT,
                10,
                1,
                null,
                null,
                null,
                ToldSampling.UNKNOWN,
                List.of(),
                1,
                0,
                null,
                null,
                null);
    }

    private static TokenRun run(long sequence, int first, int count) {
        return new TokenRun(
                sequence,
                first,
                IntStream.range(first, first + count)
                        .mapToObj(token -> DecodedToken.drawn(new TokenStats(token, token, 0, 0, 0, 0, 0), 0))
                        .toList(),
                null);
    }

    private static SequenceEnded end(long sequence, int tokens) {
        return new SequenceEnded(
                sequence, tokens, EndReason.LENGTH, false, Delivery.all(tokens), 0, null, null, null, "");
    }
}
