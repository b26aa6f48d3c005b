package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Label;
import io.edistream.schemas.LateLabel;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Threshold;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** What the operator counts when something happens to a sequence. */
class OperatorMetricsTest extends OperatorTest {

    @Test
    void tokensAndWhatIsMissingAreCounted() throws Exception {
        try (SequenceHarness job = open()) {
            job.feed(batch(0).start(1).run(1, 0, token(0), token(0), token(0)));
            job.feed(batch(1).run(1, 5, token(0), token(0)));
            job.feed(batch(4).run(1, 10, token(0)));

            assertThat(job.metric("tokens_total")).isEqualTo(6);
            assertThat(job.metric("missing_tokens_total")).isEqualTo(2 + 3);
            assertThat(job.metric("missing_records_total")).isEqualTo(2);

            job.feed(batch(5).finish(1, 15));
            assertThat(job.metric("missing_tokens_total"))
                    .as("with those behind the last that came")
                    .isEqualTo(2 + 3 + 4);
        }
    }

    @Test
    void sequencesAreCountedByHowTheyEnd() throws Exception {
        try (SequenceHarness job = open()) {
            job.at(0).feed(batch(0).start(1).start(2).start(3).start(4));
            assertThat(job.metric("sequences_started_total")).isEqualTo(4);
            assertThat(job.metric("live_sequences")).isEqualTo(4);
            assertThat(job.metric("generators")).isEqualTo(1);

            job.feed(batch(1).finish(1, 0).finish(2, 0).finish(3, -1));
            assertThat(job.metric("sequences_finished_total")).isEqualTo(3);
            assertThat(job.metric("live_sequences")).isEqualTo(1);

            job.pass(IDLE + 1_000);
            assertThat(job.metric("sequences_abandoned_total closed_by=clock")).isEqualTo(1);
            assertThat(job.metric("sequences_abandoned_total closed_by=records"))
                    .isZero();
            assertThat(job.metric("live_sequences")).isZero();
            assertThat(job.metric("scores_total kind=final")).isEqualTo(4);
        }
    }

    @Test
    void whatRecordsCloseIsToldFromWhatTheClockClosesAndRunningScoresFromFinalOnes() throws Exception {
        long quarterMicros = IDLE * 1_000 / 4;
        try (SequenceHarness job = open()) {
            job.feed(batch(0).at(0).start(1).start(2));
            for (int i = 1; i <= 5; i++) {
                job.feed(batch(i).at(i * quarterMicros).bareRun(2, 16 * (i - 1), 16));
            }
            assertThat(job.metric("sequences_abandoned_total closed_by=records"))
                    .isEqualTo(1);
            assertThat(job.metric("sequences_abandoned_total closed_by=clock")).isZero();
            assertThat(job.metric("scores_total kind=running")).isEqualTo(5);
            assertThat(job.metric("scores_total kind=final")).isEqualTo(1);

            TokenEntropyBatch labels = batch(6).build();
            labels.setLabels(List.of(new LateLabel(1L, new Label(true, null, "test"))));
            job.feed(labels);
            assertThat(job.metric("late_labels_total")).isEqualTo(1);
        }
    }

    @Test
    void rejectionsAreCountedByReason() throws Exception {
        try (SequenceHarness job = open()) {
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
        Threshold rule = Threshold.above(
                        new RuleKey("fork", 1),
                        LimitScope.ofModels("reasoner-s"),
                        Threshold.NEWEST_ENTROPY,
                        2.5,
                        new Act.Branch(2, 8))
                .atMost(2);
        try (SequenceHarness job = open(WatchSettings.of(new Scoring(1, 1.36, 1.33, ""), Rules.of(rule, Mode.ARMED)))) {
            job.feed(batch(0).start(1).run(1, 0, token(0), token(2), token(3), token(0), token(3)));

            assertThat(job.metric("spikes_total kind=burst")).isEqualTo(2);
            assertThat(job.metric("spikes_total kind=rebound")).isEqualTo(3);
            assertThat(job.metric("commands_total action=branch mode=armed")).isEqualTo(2);
        }
    }

    @Test
    void countersAreThereBeforeAnythingHappens() throws Exception {
        try (SequenceHarness job = open()) {
            assertThat(job.metricNames())
                    .contains(
                            "rejected_total reason=live_limit",
                            "commands_total action=reroute mode=armed",
                            "spikes_total kind=burst",
                            "sequences_abandoned_total closed_by=clock");
        }
    }

    @Test
    void theNumberOfLiveSequencesOutlivesTheJob() throws Exception {
        OperatorSubtaskState state;
        try (SequenceHarness job = open()) {
            job.feed(batch(0).start(1).start(2).start(3).finish(2, 0));
            state = job.snapshot();
        }
        try (SequenceHarness job = restore(WatchSettings.DEFAULT, state, 0)) {
            assertThat(job.metric("live_sequences")).isEqualTo(2);
            job.feed(batch(1).finish(1, 0));
            assertThat(job.metric("live_sequences")).isEqualTo(1);
            state = job.snapshot();
        }
        try (SequenceHarness job = restore(WatchSettings.DEFAULT, state, 0)) {
            assertThat(job.metric("live_sequences")).isEqualTo(1);
        }
    }
}
