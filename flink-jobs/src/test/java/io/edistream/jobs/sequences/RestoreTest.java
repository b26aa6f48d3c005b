package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches;
import io.edistream.schemas.Command;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Token;
import io.edistream.signals.Scoring;
import io.edistream.signals.monitor.Policy;
import io.edistream.signals.rules.BranchAbove;
import io.edistream.signals.rules.RuleHeader;
import java.util.List;
import java.util.Set;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFinalizer;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFutures;
import org.junit.jupiter.api.Test;

class RestoreTest {

    private static final List<Token> TOKENS = random(11, 100);
    private static final long IDLE = SequenceSettings.DEFAULT_IDLE_TIMEOUT.toMillis();
    private static final int SNAPSHOT_BYTES = 1 << 20;

    private static final SequenceSettings FIRST = settings(new Scoring(8, 1.36, 1.33, "digit"), 1.0);
    private static final SequenceSettings SECOND = settings(new Scoring(2, 0.5, 0.7, Scoring.NO_CLASS), 2.0);
    private static final SequenceSettings THIRD = settings(new Scoring(3, 0.6, 0.8, "result"), 3.0);

    @Test
    void aRestoredSequenceEndsWithTheSameBytes() throws Exception {
        byte[] expected = uninterrupted(FIRST, 1);
        for (int cut : new int[] {0, 1, 7, 33, 64, 99, 100}) {
            OperatorSubtaskState state;
            try (SequenceHarness before = SequenceHarness.open(FIRST)) {
                before.feed(batch(0).start(1));
                feed(before, 1, 0, cut);
                state = before.snapshot();
            }
            try (SequenceHarness after = SequenceHarness.restore(FIRST, state, 0)) {
                feed(after, 1, cut, 100);
                assertThat(finish(after, 1)).as("cut at %s", cut).isEqualTo(expected);
            }
        }
    }

    @Test
    void aSequenceKeepsThePolicyOfItsStartAcrossChanges() throws Exception {
        OperatorSubtaskState state;
        try (SequenceHarness job = SequenceHarness.open(FIRST)) {
            job.feed(batch(0).start(1));
            feed(job, 1, 0, 30);
            state = job.snapshot();
        }
        try (SequenceHarness job = SequenceHarness.restore(SECOND, state, 0)) {
            job.feed(batch(0).start(2));
            feed(job, 1, 30, 60);
            feed(job, 2, 0, 60);
            state = job.snapshot();
        }
        try (SequenceHarness job = SequenceHarness.restore(THIRD, state, 0)) {
            job.feed(batch(0).start(3));
            feed(job, 1, 60, 100);
            feed(job, 2, 60, 100);
            feed(job, 3, 0, 100);

            assertThat(finish(job, 1)).isEqualTo(uninterrupted(FIRST, 1));
            assertThat(finish(job, 2)).isEqualTo(uninterrupted(SECOND, 2));
            assertThat(finish(job, 3)).isEqualTo(uninterrupted(THIRD, 3));
            state = job.snapshot();
        }
        try (SequenceHarness job = SequenceHarness.restore(FIRST, state, 0)) {
            job.feed(batch(0).start(4));
            feed(job, 4, 0, 100);
            assertThat(finish(job, 4)).isEqualTo(uninterrupted(FIRST, 4));
        }
    }

    @Test
    void rulesThatFiredBeforeARestoreDoNotFireAgain() throws Exception {
        OperatorSubtaskState state;
        try (SequenceHarness job = SequenceHarness.open(FIRST)) {
            job.feed(batch(0).start(1));
            feed(job, 1, 0, 50);
            assertThat(job.commands()).extracting(Command::getRule).containsExactly("fork");
            state = job.snapshot();
        }
        try (SequenceHarness job = SequenceHarness.restore(FIRST, state, 0)) {
            feed(job, 1, 50, 100);
            assertThat(job.commands()).isEmpty();
            finish(job, 1);
            assertThat(job.finals(1).get(0).getCommands()).isEqualTo(1);
        }
    }

    /** The snapshot is taken, tokens go on arriving, and only then is it written. */
    @Test
    void tokensThatArriveWhileASnapshotIsWrittenAreNotInIt() throws Exception {
        OperatorSubtaskState state;
        try (SequenceHarness job = SequenceHarness.open(FIRST)) {
            job.feed(batch(0).start(1));
            feed(job, 1, 0, 40);
            OperatorSnapshotFutures begun = job.flink()
                    .getOperator()
                    .snapshotState(
                            1,
                            1,
                            CheckpointOptions.forCheckpointWithDefaultLocation(),
                            new MemCheckpointStreamFactory(SNAPSHOT_BYTES));
            feed(job, 1, 40, 100);
            job.feed(batch(0).start(2));
            assertThat(finish(job, 1)).isEqualTo(uninterrupted(FIRST, 1));
            state = OperatorSnapshotFinalizer.create(begun).getJobManagerOwnedState();
        }
        try (SequenceHarness job = SequenceHarness.restore(FIRST, state, 0)) {
            assertThat(job.statesLeft()).isEqualTo(1);
            feed(job, 1, 40, 100);
            assertThat(job.rejected()).isEmpty();
            assertThat(finish(job, 1)).isEqualTo(uninterrupted(FIRST, 1));
        }
    }

    @Test
    void timeInWhichTheJobDidNotRunIsNotSilence() throws Exception {
        OperatorSubtaskState state;
        try (SequenceHarness job = SequenceHarness.open(FIRST)) {
            job.at(0).feed(batch(0).start(1));
            feed(job, 1, 0, 40);
            state = job.snapshot();
        }
        long later = 5 * IDLE;
        try (SequenceHarness job = SequenceHarness.restore(FIRST, state, later)) {
            job.pass(later + IDLE - 1);
            assertThat(job.finals(1)).isEmpty();
            feed(job, 1, 40, 100);
            assertThat(finish(job, 1)).isEqualTo(uninterrupted(FIRST, 1));
        }
        try (SequenceHarness job = SequenceHarness.restore(FIRST, state, later)) {
            job.pass(later + 1_000 + IDLE);
            assertThat(job.finals(1)).extracting(Score::getFinishReason).containsExactly(FinishReason.ABANDONED);
            assertThat(job.statesLeft()).isZero();
            assertThat(job.timersLeft()).isZero();
        }
    }

    @Test
    void anEndedSequenceIsStillKnownAfterARestore() throws Exception {
        OperatorSubtaskState state;
        try (SequenceHarness job = SequenceHarness.open(FIRST)) {
            job.feed(batch(0).start(1).finish(1, 0));
            state = job.snapshot();
        }
        try (SequenceHarness job = SequenceHarness.restore(SECOND, state, 0)) {
            job.feed(batch(1).start(1));
            assertThat(job.rejected()).extracting(Rejected::getReason).containsExactly(RejectReason.SECOND_START);
            job.pass(IDLE);
            assertThat(job.statesLeft()).isZero();
            assertThat(job.timersLeft()).isZero();
        }
    }

    private static SequenceSettings settings(Scoring options, double limitNats) {
        return SequenceSettings.of(new Policy(
                options, List.of(new BranchAbove(new RuleHeader("fork", 1, false, Set.of()), limitNats, 2, 8, 1))));
    }

    private static byte[] uninterrupted(SequenceSettings settings, long counter) throws Exception {
        try (SequenceHarness job = SequenceHarness.open(settings)) {
            job.feed(batch(0).start(counter));
            feed(job, counter, 0, 100);
            return finish(job, counter);
        }
    }

    private static void feed(SequenceHarness job, long counter, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            job.feed(batch(i).run(counter, i, TOKENS.get(i)));
        }
    }

    private static byte[] finish(SequenceHarness job, long counter) throws Exception {
        Batches last = batch(100).finish(counter, 100);
        job.feed(last);
        return SequenceHarness.bytes(job.finals(counter).get(0));
    }
}
