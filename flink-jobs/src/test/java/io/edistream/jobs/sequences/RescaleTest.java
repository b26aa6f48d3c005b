package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches;
import io.edistream.jobs.sequences.SequenceHarness.Subtask;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Score;
import io.edistream.signals.Scoring;
import io.edistream.signals.monitor.Policy;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** State of tasks that is dealt out to another number of tasks. */
class RescaleTest {

    private static final SequenceSettings SETTINGS =
            SequenceSettings.of(new Policy(Scoring.DEFAULT.withTrackedClass("result"), List.of()));
    private static final long IDLE = SequenceSettings.DEFAULT_IDLE_TIMEOUT.toMillis();
    private static final int SEQUENCES = 40;
    private static final int TOKENS = 50;

    @ParameterizedTest
    @CsvSource({"1, 3", "3, 1", "2, 5", "5, 2"})
    void sequencesGoOnAndEndWithTheSameBytes(int before, int after) throws Exception {
        Map<Long, String> expected;
        try (SequenceHarness job = SequenceHarness.open(SETTINGS)) {
            feed(List.of(job), 0, 20);
            feed(List.of(job), 20, TOKENS);
            expected = finals(List.of(job));
        }

        OperatorSubtaskState state = run(before, 20);
        List<SequenceHarness> restored = restore(state, before, after);
        assertThat(restored.stream().mapToInt(SequenceHarness::statesLeft).sum())
                .isEqualTo(SEQUENCES);
        assertThat(restored.stream().mapToInt(SequenceHarness::timersLeft).sum())
                .isEqualTo(SEQUENCES);
        assertThat(live(restored)).isEqualTo(SEQUENCES);

        feed(restored, 20, TOKENS);
        Map<Long, String> actual = finals(restored);
        assertThat(actual).hasSize(SEQUENCES).containsExactlyEntriesOf(expected);
        assertThat(live(restored)).isZero();
        assertThat(restored).allSatisfy(job -> assertThat(job.rejected()).isEmpty());
        restored.forEach(SequenceHarness::close);
    }

    @Test
    void whatFellSilentIsAbandonedByTheTaskThatHasItNow() throws Exception {
        OperatorSubtaskState state = run(2, 20);
        List<SequenceHarness> restored = restore(state, 2, 3);
        for (SequenceHarness job : restored) {
            job.pass(2 * IDLE);
            assertThat(job.scores()).isNotEmpty().allSatisfy(score -> assertThat(score.getFinishReason())
                    .isEqualTo(FinishReason.ABANDONED));
            assertThat(job.statesLeft()).isZero();
            assertThat(job.timersLeft()).isZero();
        }
        assertThat(restored.stream().mapToInt(job -> job.scores().size()).sum()).isEqualTo(SEQUENCES);
        restored.forEach(SequenceHarness::close);
    }

    private static OperatorSubtaskState run(int tasks, int tokens) throws Exception {
        List<SequenceHarness> jobs = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            jobs.add(SequenceHarness.open(SETTINGS, new Subtask(tasks, i)));
        }
        feed(jobs, 0, tokens);
        OperatorSubtaskState[] states = new OperatorSubtaskState[tasks];
        for (int i = 0; i < tasks; i++) {
            states[i] = jobs.get(i).snapshot();
        }
        jobs.forEach(SequenceHarness::close);
        return AbstractStreamOperatorTestHarness.repackageState(states);
    }

    private static List<SequenceHarness> restore(OperatorSubtaskState state, int before, int after) throws Exception {
        List<SequenceHarness> jobs = new ArrayList<>();
        for (int i = 0; i < after; i++) {
            OperatorSubtaskState share = AbstractStreamOperatorTestHarness.repartitionOperatorState(
                    state, Subtask.KEY_GROUPS, before, after, i);
            jobs.add(SequenceHarness.restore(SETTINGS, share, 0, new Subtask(after, i)));
        }
        return jobs;
    }

    /** Every task is offered everything and takes what is its own. */
    private static void feed(List<SequenceHarness> jobs, int from, int to) throws Exception {
        Batches batch = batch(from);
        for (long counter = 0; counter < SEQUENCES; counter++) {
            if (from == 0) {
                batch.start(counter);
            }
            batch.run(counter, from, random(counter, TOKENS).subList(from, to));
            if (to == TOKENS) {
                batch.finish(counter, TOKENS);
            }
        }
        for (SequenceHarness job : jobs) {
            job.feed(batch);
        }
    }

    private static Map<Long, String> finals(List<SequenceHarness> jobs) {
        Map<Long, String> finals = new TreeMap<>();
        for (SequenceHarness job : jobs) {
            for (Score score : job.scores()) {
                if (score.getFinal$()) {
                    finals.put(
                            Ids.counter(score.getSequence()), HexFormat.of().formatHex(SequenceHarness.bytes(score)));
                }
            }
        }
        return finals;
    }

    private static long live(List<SequenceHarness> jobs) {
        return jobs.stream().mapToLong(job -> job.metric("live_sequences")).sum();
    }
}
