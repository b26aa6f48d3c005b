package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.signals.Scoring;
import io.edistream.signals.monitor.Policy;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** A line of savepoints in which every start of the job brings another policy. */
class PolicyBoundTest {

    private static final int MAX_POLICIES = 256;

    @Test
    void aLineOfSavepointsKnows256PoliciesAndNot257() throws Exception {
        OperatorSubtaskState state;
        try (SequenceHarness job = SequenceHarness.open(settings(0))) {
            job.feed(batch(0).start(0));
            state = job.snapshot();
        }
        for (int i = 1; i < MAX_POLICIES; i++) {
            try (SequenceHarness job = SequenceHarness.restore(settings(i), state, 0)) {
                job.feed(batch(0).start(i));
                state = job.snapshot();
            }
        }

        OperatorSubtaskState full = state;
        assertThatThrownBy(() ->
                        SequenceHarness.restore(settings(MAX_POLICIES), full, 0).close())
                .hasStackTraceContaining("know 256 policies already: at most 256");
        try (SequenceHarness job = SequenceHarness.restore(settings(17), full, 0)) {
            assertThat(job.statesLeft()).isEqualTo(MAX_POLICIES);
            job.feed(batch(1).finish(0, 0).finish(MAX_POLICIES - 1, 0));
            assertThat(job.finals(0)).hasSize(1);
            assertThat(job.finals(MAX_POLICIES - 1)).hasSize(1);
        }
    }

    private static SequenceSettings settings(int number) {
        return SequenceSettings.of(new Policy(new Scoring(8, 1 + number / 1000.0, 1.33, Scoring.NO_CLASS), List.of()));
    }
}
