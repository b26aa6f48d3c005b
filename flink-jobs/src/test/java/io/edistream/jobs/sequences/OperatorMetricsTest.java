package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.signals.Scoring;
import io.edistream.signals.monitor.Policy;
import io.edistream.signals.rules.BranchAbove;
import io.edistream.signals.rules.RuleHeader;
import java.util.List;
import java.util.Set;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** What the operator counts when something happens to a sequence. */
class OperatorMetricsTest {

    @Test
    void tokensGapsAndWhatIsMissingAreCounted() throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
            job.feed(batch(0).start(1).run(1, 0, token(0), token(0), token(0)));
            job.feed(batch(1).run(1, 5, token(0), token(0)));
            job.feed(batch(2).run(1, 10, token(0)));

            assertThat(job.metric("tokens_total")).isEqualTo(6);
            assertThat(job.metric("gaps_total")).isEqualTo(2);
            assertThat(job.metric("missing_tokens_total")).isEqualTo(2 + 3);

            job.feed(batch(3).finish(1, 15));
            assertThat(job.metric("missing_tokens_total"))
                    .as("with those behind the last that came")
                    .isEqualTo(2 + 3 + 4);
            assertThat(job.metric("gaps_total")).isEqualTo(2);
        }
    }

    @Test
    void sequencesAreCountedByHowTheyEnd() throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
            job.at(0).feed(batch(0).start(1).start(2).start(3).start(4));
            assertThat(job.metric("sequences_started_total")).isEqualTo(4);
            assertThat(job.metric("live_sequences")).isEqualTo(4);

            job.feed(batch(1).finish(1, 0).finish(2, 0).finish(3, -1));
            assertThat(job.metric("sequences_finished_total")).isEqualTo(3);
            assertThat(job.metric("live_sequences")).isEqualTo(1);

            job.pass(SequenceSettings.DEFAULT_IDLE_TIMEOUT.toMillis());
            assertThat(job.metric("sequences_abandoned_total")).isEqualTo(1);
            assertThat(job.metric("live_sequences")).isZero();
        }
    }

    @Test
    void rejectionsAreCountedByReason() throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
            job.feed(batch(0).start(1).run(1, 0, token(0), token(0)));
            job.feed(batch(1).start(1).run(1, 0, token(0), token(0)).run(1, 2, token(-1)));
            job.feed(batch(2).run(1, 2));
            job.feed(batch(3).finish(1, -1));

            assertThat(job.metric("rejected_total reason=second_start")).isEqualTo(1);
            assertThat(job.metric("rejected_total reason=repeated_tokens")).isEqualTo(1);
            assertThat(job.metric("rejected_total reason=bad_value")).isEqualTo(2);
            assertThat(job.metric("rejected_total reason=empty_run")).isEqualTo(1);
            assertThat(job.metric("repeated_tokens_total")).isEqualTo(2);
            assertThat(job.metric("tokens_total")).isEqualTo(2);
            assertThat(job.rejected()).hasSize(5);
        }
    }

    @Test
    void spikesAndCommandsAreCountedByTheirKinds() throws Exception {
        Policy policy = new Policy(
                new Scoring(1, 1.36, 1.33, Scoring.NO_CLASS),
                List.of(new BranchAbove(new RuleHeader("fork", 1, true, Set.of("reasoner-s")), 2.5, 2, 8, 2)));
        try (SequenceHarness job = SequenceHarness.open(SequenceSettings.of(policy))) {
            job.feed(batch(0).start(1).run(1, 0, token(0), token(2), token(3), token(0), token(3)));

            assertThat(job.metric("spikes_total kind=burst")).isEqualTo(2);
            assertThat(job.metric("spikes_total kind=rebound")).isEqualTo(3);
            assertThat(job.metric("commands_total action=branch mode=armed")).isEqualTo(2);
        }
    }

    @Test
    void theNumberOfLiveSequencesOutlivesTheJob() throws Exception {
        SequenceSettings settings = SequenceSettings.of(SequenceHarness.POLICY);
        OperatorSubtaskState state;
        try (SequenceHarness job = SequenceHarness.open(settings)) {
            job.feed(batch(0).start(1).start(2).start(3).finish(2, 0));
            state = job.snapshot();
        }
        try (SequenceHarness job = SequenceHarness.restore(settings, state, 0)) {
            assertThat(job.metric("live_sequences")).isEqualTo(2);
            job.feed(batch(1).finish(1, 0));
            assertThat(job.metric("live_sequences")).isEqualTo(1);
            state = job.snapshot();
        }
        try (SequenceHarness job = SequenceHarness.restore(settings, state, 0)) {
            assertThat(job.metric("live_sequences")).isEqualTo(1);
        }
    }
}
