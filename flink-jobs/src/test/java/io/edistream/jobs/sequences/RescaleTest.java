package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches;
import io.edistream.jobs.sequences.SequenceHarness.Subtask;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceId;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Rules;
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
class RescaleTest extends OperatorTest {

    private static final WatchSettings SETTINGS =
            WatchSettings.of(Scoring.DEFAULT.withTrackedClass("digit"), Rules.NONE);
    private static final int SOURCES = 8;
    private static final int SEQUENCES = 5;
    private static final int TOKENS = 50;

    @ParameterizedTest
    @CsvSource({"1, 3", "3, 1", "2, 5", "5, 2"})
    void sequencesGoOnAndEndWithTheSameBytes(int before, int after) throws Exception {
        Map<SequenceId, String> expected;
        try (SequenceHarness job = open(SETTINGS)) {
            feed(List.of(job), 0, 20);
            feed(List.of(job), 20, TOKENS);
            expected = finals(List.of(job));
        }

        OperatorSubtaskState state = run(before, 20);
        List<SequenceHarness> restored = restore(state, before, after);
        assertThat(restored.stream().mapToInt(SequenceHarness::statesLeft).sum())
                .isEqualTo(SOURCES * (1 + SEQUENCES));
        assertThat(live(restored)).isEqualTo(SOURCES * SEQUENCES);

        feed(restored, 20, TOKENS);
        Map<SequenceId, String> actual = finals(restored);
        assertThat(actual).hasSize(SOURCES * SEQUENCES).containsExactlyEntriesOf(expected);
        assertThat(live(restored)).isZero();
        assertThat(restored).allSatisfy(job -> assertThat(job.rejected()).isEmpty());
        restored.forEach(SequenceHarness::close);
    }

    @Test
    void whatFellSilentIsAbandonedByTheTaskThatHasItNow() throws Exception {
        OperatorSubtaskState state = run(2, 20);
        List<SequenceHarness> restored = restore(state, 2, 3);
        for (SequenceHarness job : restored) {
            job.nothingToRead().pass(2 * IDLE);
            assertThat(job.scores()).allSatisfy(score -> {
                assertThat(score.getFinishReason()).isEqualTo(FinishReason.ABANDONED);
                assertThat(score.getClosedByClock()).isTrue();
            });
        }
        assertThat(restored.stream().mapToInt(job -> job.scores().size()).sum()).isEqualTo(SOURCES * SEQUENCES);
        restored.forEach(SequenceHarness::close);
    }

    private OperatorSubtaskState run(int tasks, int tokens) throws Exception {
        List<SequenceHarness> jobs = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            jobs.add(SequenceHarness.open(backend, SETTINGS, new Subtask(tasks, i)));
        }
        feed(jobs, 0, tokens);
        OperatorSubtaskState[] states = new OperatorSubtaskState[tasks];
        for (int i = 0; i < tasks; i++) {
            states[i] = jobs.get(i).snapshot();
        }
        jobs.forEach(SequenceHarness::close);
        return AbstractStreamOperatorTestHarness.repackageState(states);
    }

    private List<SequenceHarness> restore(OperatorSubtaskState state, int before, int after) throws Exception {
        List<SequenceHarness> jobs = new ArrayList<>();
        for (int i = 0; i < after; i++) {
            OperatorSubtaskState share = AbstractStreamOperatorTestHarness.repartitionOperatorState(
                    state, Subtask.KEY_GROUPS, before, after, i);
            jobs.add(SequenceHarness.restore(backend, SETTINGS, share, 0, new Subtask(after, i)));
        }
        return jobs;
    }

    /** Every task is offered everything and takes what is its own. */
    private static void feed(List<SequenceHarness> jobs, int from, int to) throws Exception {
        for (long source = 1; source <= SOURCES; source++) {
            Batches batch = batch(source, from);
            for (long counter = 0; counter < SEQUENCES; counter++) {
                if (from == 0) {
                    batch.start(counter);
                }
                batch.run(counter, from, random(source * 100 + counter, TOKENS).subList(from, to));
                if (to == TOKENS) {
                    batch.finish(counter, TOKENS);
                }
            }
            for (SequenceHarness job : jobs) {
                job.feed(batch);
            }
        }
    }

    private static Map<SequenceId, String> finals(List<SequenceHarness> jobs) {
        Map<SequenceId, String> finals = new TreeMap<>();
        for (SequenceHarness job : jobs) {
            for (Score score : job.scores()) {
                if (score.getFinal$()) {
                    finals.put(score.getSequence(), HexFormat.of().formatHex(SequenceHarness.bytes(score)));
                }
            }
        }
        return finals;
    }

    private static long live(List<SequenceHarness> jobs) {
        return jobs.stream().mapToLong(job -> job.metric("live_sequences")).sum();
    }
}
