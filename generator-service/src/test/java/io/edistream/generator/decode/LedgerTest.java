package io.edistream.generator.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.metrics.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LedgerTest {

    private static final long SEED = 8;

    private final LoopFixture fixture = LoopFixture.ending();

    @Test
    void everythingIsAtZeroBeforeTheFirstSequence() {
        for (String reason : List.of("end_of_sequence", "length", "aborted", "pruned", "cancelled", "error")) {
            assertThat(series("edistream_generator_sequences_ended", reason)).isTrue();
        }
        for (String reason : List.of("aborted", "pruned", "cancelled", "error")) {
            assertThat(series("edistream_generator_discarded_tokens", reason)).isTrue();
        }
        assertThat(series("edistream_generator_commands", "branch", "refused")).isTrue();
    }

    @Test
    void startsAndTokensAddUpAfterEveryStep() throws Exception {
        Random random = new Random(SEED);
        List<GenerationHandle> handles = new ArrayList<>();
        for (int step = 0; step < 300; step++) {
            if (step < 150 && random.nextInt(3) == 0) {
                handles.add(fixture.submit(LoopFixture.request(1, random.nextLong())));
            }
            if (!handles.isEmpty()) {
                GenerationHandle chosen = handles.get(random.nextInt(handles.size()));
                switch (random.nextInt(12)) {
                    case 0 -> fixture.send(fixture.abort(chosen.counter()));
                    // Of a token that it may not have yet: some are refused.
                    case 1 -> fixture.send(fixture.branch(chosen.counter(), random.nextInt(20), 2, 0));
                    case 2 -> chosen.cancel();
                    case 3 ->
                        fixture.send(fixture.command(chosen.counter(), ControlAction.CONCLUDE, null, 0, 0, false));
                    default -> {
                        // Most steps are left alone.
                    }
                }
            }
            fixture.loop.step();
            assertBalanced();
        }
        fixture.runOut();
        assertBalanced();
        assertThat(value("live_tokens")).isZero();
        assertThat(value("sequences_ended", "aborted")).isPositive();
        assertThat(value("sequences_ended", "cancelled")).isPositive();
        assertThat(value("commands", "branch", "applied")).isPositive();
        assertThat(value("commands", "branch", "refused")).isPositive();
        assertKeptIsWhatCallersHave(handles);
    }

    @Test
    void whatIsCutOffAtTheEndIsDiscarded() {
        fixture.submit(LoopFixture.request(1, SEED));
        fixture.steps(3);
        assertThat(value("live_tokens")).isEqualTo(3);
        fixture.loop.shutDown(EndReason.ERROR);
        assertThat(value("discarded_tokens", "error")).isEqualTo(3);
        assertBalanced();
    }

    /** Counted from the results, without the ledger; those of branches are not among them. */
    private void assertKeptIsWhatCallersHave(List<GenerationHandle> handles) throws Exception {
        int roots = 0;
        for (GenerationHandle handle : handles) {
            GeneratedSequence result = handle.completion().get();
            if (result.reason().isNatural()) {
                roots += result.tokens().size();
            }
        }
        assertThat(roots).isPositive();
        assertThat(value("kept_tokens")).isGreaterThanOrEqualTo(roots);
    }

    private void assertBalanced() {
        assertThat(value("sequences_started"))
                .isEqualTo(value("sequences_ended") + value("live_sequences") + value("waiting_requests"));
        assertThat(value("tokens")).isEqualTo(value("kept_tokens") + value("discarded_tokens") + value("live_tokens"));
    }

    private double value(String name, String... labels) {
        return Metrics.value(fixture.metrics, "edistream_generator_" + name, labels);
    }

    private boolean series(String name, String... labels) {
        return fixture.metrics.registry().scrape(name::equals).stream()
                .flatMap(snapshot -> snapshot.getDataPoints().stream())
                .anyMatch(point -> point.getLabels().stream()
                        .map(label -> label.getValue())
                        .toList()
                        .containsAll(List.of(labels)));
    }
}
