package io.edistream.generator.decode;

import static io.edistream.generator.decode.LoopFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.TokenStats;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.metrics.Metrics;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One row of a step went wrong: its sequence ends, the others go on, and its blocks carry nothing over. */
class BadRowTest {

    private static final float NAN = Float.NaN;
    private static final float INFINITY = Float.POSITIVE_INFINITY;

    static Stream<TokenStats> badResults() {
        return Stream.of(
                new TokenStats(1, NAN, -1, 1, 1, 1, 0),
                new TokenStats(1, INFINITY, -1, 1, 1, 1, 0),
                new TokenStats(1, -Float.MIN_VALUE, -1, 1, 1, 1, 0),
                new TokenStats(1, 1, NAN, 1, 1, 1, 0),
                new TokenStats(1, 1, Float.NEGATIVE_INFINITY, 1, 1, 1, 0),
                new TokenStats(1, 1, -1, NAN, 1, 1, 0),
                new TokenStats(1, 1, -1, 1, INFINITY, 1, 0),
                new TokenStats(1, 1, -1, 1, 1, NAN, 0),
                new TokenStats(-1, 1, -1, 1, 1, 1, 0),
                new TokenStats(40, 1, -1, 1, 1, 1, 0),
                new TokenStats(1, 1, -1, 1, 1, 1, -1),
                new TokenStats(1, 1, -1, 1, 1, 1, 40));
    }

    @ParameterizedTest
    @MethodSource("badResults")
    void endsItsSequenceAloneAndUnpublished(TokenStats bad) {
        LoopFixture fixture = LoopFixture.endless();
        List<GenerationHandle> handles = fixture.loop.submit(request(1, 1), 3);
        fixture.steps(5);
        fixture.model.badRow(1, good -> bad);
        fixture.runOut();
        assertThat(handles)
                .extracting(handle -> handle.completion().join().reason())
                .containsExactly(EndReason.LENGTH, EndReason.ERROR, EndReason.LENGTH);
        assertThat(handles.get(1).completion().join().tokens()).hasSize(5);
        assertThat(fixture.events.recorded().stream()
                        .flatMap(step -> step.runs().stream())
                        .filter(run -> run.sequence() == handles.get(1).counter())
                        .mapToInt(run -> run.tokens().size()))
                .containsExactly(1, 1, 1, 1, 1);
        assertThat(fixture.events.recorded().stream().flatMap(step -> step.ends().stream()))
                .filteredOn(end -> end.reason() == EndReason.ERROR)
                .extracting(SequenceEnded::tokens)
                .containsExactly(5);
        assertThat(Metrics.value(fixture.metrics, "edistream_generator_tokens")).isEqualTo(60 + 5 + 60);
    }

    @Test
    void whatIsJustPossibleIsTaken() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(5);
        fixture.model.badRow(0, good -> new TokenStats(39, 0, -Float.MAX_VALUE, 0, 0, 0, 39));
        fixture.steps(1);
        handle.cancel();
        fixture.steps(1);
        assertThat(handle.completion().join().tokens()).hasSize(6);
    }

    @Test
    void thePromptsRowMayBeTheBadOne() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.model.badRow(0, BadRowTest::withNan);
        fixture.runOut();
        assertThat(handle.completion().join().reason()).isEqualTo(EndReason.ERROR);
        assertThat(handle.completion().join().tokens()).isEmpty();
        assertThat(blocksUsed(fixture)).isZero();
    }

    @Test
    void aBranchOfItGoesOn() {
        LoopFixture fixture = LoopFixture.endless();
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(14);
        fixture.send(fixture.branch(handle.counter(), 10, 1, 0));
        fixture.model.badRow(0, BadRowTest::withNan);
        fixture.runOut();
        assertThat(handle.group().ended())
                .extracting(GeneratedSequence::reason)
                .containsExactly(EndReason.ERROR, EndReason.LENGTH);
        assertThat(blocksUsed(fixture)).isZero();
    }

    private static TokenStats withNan(TokenStats good) {
        return new TokenStats(good.token(), NAN, NAN, NAN, NAN, NAN, good.rank());
    }

    private static double blocksUsed(LoopFixture fixture) {
        return Metrics.value(fixture.metrics, "edistream_generator_kv_blocks_used");
    }
}
