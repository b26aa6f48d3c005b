package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.random;
import static io.edistream.jobs.Batches.tokens;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches;
import io.edistream.jobs.Batches.Sample;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Threshold;
import java.time.Duration;
import java.util.List;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFinalizer;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFutures;
import org.junit.jupiter.api.Test;

class RestoreTest extends OperatorTest {

    private static final List<Sample> TOKENS = random(11, 100);
    private static final int SNAPSHOT_BYTES = 1 << 20;
    private static final LimitScope SCOPE = LimitScope.ofModels("reasoner-s");

    private static final WatchSettings FIRST = scoring(new Scoring(8, 1.36, 1.33, "digit"));
    private static final WatchSettings SECOND = scoring(new Scoring(2, 0.5, 0.7, ""));
    private static final WatchSettings THIRD = scoring(new Scoring(3, 0.6, 0.8, "result"));

    private static WatchSettings scoring(Scoring scoring) {
        return WatchSettings.of(scoring, Rules.NONE);
    }

    @Test
    void aRestoredSequenceEndsWithTheSameBytes() throws Exception {
        byte[] expected = uninterrupted(FIRST, 1);
        for (int cut : new int[] {0, 1, 7, 33, 64, 99, 100}) {
            OperatorSubtaskState state;
            try (SequenceHarness before = open(FIRST)) {
                before.feed(batch(0).start(1));
                feed(before, 1, 0, cut);
                state = before.snapshot();
            }
            try (SequenceHarness after = restore(FIRST, state, 0)) {
                feed(after, 1, cut, 100);
                assertThat(finish(after, 1)).as("cut at %s", cut).isEqualTo(expected);
            }
        }
    }

    /** Sources count for themselves, so that one's counters say nothing of another's. */
    @Test
    void theSequencesOfEverySourceAreFound() throws Exception {
        OperatorSubtaskState state;
        try (SequenceHarness job = open()) {
            job.feed(batch(1, 0).start(1))
                    .feed(batch(2, 0).start(2).start(3))
                    .feed(batch(3, 0).start(4));
            state = job.snapshot();
        }
        try (SequenceHarness job = restore(WatchSettings.DEFAULT, state, 0)) {
            assertThat(job.metric("live_sequences")).isEqualTo(4);
            assertThat(job.metric("generators")).isEqualTo(3);
        }
    }

    @Test
    void aSequenceKeepsTheScoringOfItsStartAcrossChanges() throws Exception {
        OperatorSubtaskState state;
        try (SequenceHarness job = open(FIRST)) {
            job.feed(batch(0).start(1));
            feed(job, 1, 0, 30);
            state = job.snapshot();
        }
        try (SequenceHarness job = restore(SECOND, state, 0)) {
            job.feed(batch(0).start(2));
            feed(job, 1, 30, 60);
            feed(job, 2, 0, 60);
            state = job.snapshot();
        }
        try (SequenceHarness job = restore(THIRD, state, 0)) {
            job.feed(batch(0).start(3));
            feed(job, 1, 60, 100);
            feed(job, 2, 60, 100);
            feed(job, 3, 0, 100);

            assertThat(finish(job, 1)).isEqualTo(uninterrupted(FIRST, 1));
            assertThat(finish(job, 2)).isEqualTo(uninterrupted(SECOND, 2));
            assertThat(finish(job, 3)).isEqualTo(uninterrupted(THIRD, 3));
        }
    }

    @Test
    void decisionsThatWereMadeBeforeARestoreAreNotMadeAgain() throws Exception {
        WatchSettings armed = rule(1, Mode.ARMED);
        OperatorSubtaskState state;
        try (SequenceHarness job = open(armed)) {
            job.feed(batch(0).start(1).run(1, 0, tokens(0, 3, 3)));
            assertThat(job.commands()).extracting(Command::getSentAtToken).containsExactly(1);
            state = job.snapshot();
        }
        try (SequenceHarness job = restore(armed, state, 0)) {
            job.feed(batch(1).run(1, 3, tokens(3, 3, 3)));
            assertThat(job.commands()).isEmpty();
            job.feed(batch(2).run(1, 6, tokens(3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3))
                    .finish(1, 18));
            assertThat(job.commands()).extracting(Command::getSentAtToken).containsExactly(17);
            assertThat(job.commands()).extracting(Command::getDecidedAtToken).containsExactly(1);
            assertThat(job.finals(1).get(0).getDecisions()).isEqualTo(1);
        }
    }

    /** Armed is asked when acting: a restart is enough to disarm, or to arm, sequences that run. */
    @Test
    void aRestartWithAnotherModeHoldsForSequencesThatRun() throws Exception {
        List<Sample> unstable = tokens(3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3);
        OperatorSubtaskState state;
        try (SequenceHarness job = open(rule(1, Mode.ARMED))) {
            job.feed(batch(0).start(1).start(2).run(1, 0, tokens(0, 3)));
            assertThat(job.commands()).extracting(Command::getMode).containsExactly(CommandMode.ARMED);
            state = job.snapshot();
        }
        try (SequenceHarness job = restore(WatchSettings.DEFAULT, state, 0)) {
            job.feed(batch(1).run(1, 2, unstable).run(2, 0, unstable));
            assertThat(job.commands()).as("the rule is off").isEmpty();
            state = job.snapshot();
        }
        try (SequenceHarness job = restore(rule(1, Mode.SHADOW), state, 0)) {
            job.feed(batch(2).run(1, 18, unstable).run(2, 16, unstable));
            assertThat(job.commands()).extracting(Command::getMode).containsOnly(CommandMode.SHADOW);
            assertThat(job.commands()).as("once for each").hasSize(2);
            state = job.snapshot();
        }
        try (SequenceHarness job = restore(rule(1, Mode.ARMED), state, 0)) {
            job.feed(batch(3).run(1, 34, unstable).run(2, 32, unstable));
            assertThat(job.commands()).extracting(Command::getMode).containsOnly(CommandMode.ARMED);
            assertThat(job.commands())
                    .extracting(Command::getDecidedAtToken)
                    .as("sequence 1 was told before, and is again after 64 tokens")
                    .containsExactly(16);
            state = job.snapshot();
        }
        try (SequenceHarness job = restore(rule(2, Mode.ARMED), state, 0)) {
            job.feed(batch(4).run(1, 50, tokens(3)));
            assertThat(job.commands()).extracting(Command::getRevision).containsExactly(2);
            assertThat(job.commands()).extracting(Command::getDecidedAtToken).containsExactly(50);
        }
    }

    @Test
    void armingActsAtTheNextTokenAtWhichTheConditionHolds() throws Exception {
        OperatorSubtaskState state;
        try (SequenceHarness job = open(rule(1, Mode.SHADOW))) {
            job.feed(batch(0).start(1).run(1, 0, tokens(0, 3, 3, 3)));
            assertThat(job.commands()).extracting(Command::getMode).containsExactly(CommandMode.SHADOW);
            state = job.snapshot();
        }
        try (SequenceHarness job = restore(rule(1, Mode.ARMED), state, 0)) {
            job.feed(batch(1).run(1, 4, tokens(3, 3)));
            assertThat(job.commands()).extracting(Command::getMode).containsExactly(CommandMode.ARMED);
            assertThat(job.commands()).extracting(Command::getDecidedAtToken).containsExactly(1);
            assertThat(job.commands()).extracting(Command::getSentAtToken).containsExactly(4);
        }
    }

    private static WatchSettings rule(int revision, Mode mode) {
        return settings(
                Threshold.above(new RuleKey("stop", revision), SCOPE, "mean_entropy", 1, new Act.Abort(true)), mode);
    }

    /** The snapshot is taken, tokens go on arriving, and only then is it written. */
    @Test
    void tokensThatArriveWhileASnapshotIsWrittenAreNotInIt() throws Exception {
        OperatorSubtaskState state;
        try (SequenceHarness job = open(FIRST)) {
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
        try (SequenceHarness job = restore(FIRST, state, 0)) {
            assertThat(job.metric("live_sequences")).isEqualTo(1);
            job.feed(batch(0).start(2));
            feed(job, 1, 40, 100);
            assertThat(job.rejected()).isEmpty();
            assertThat(finish(job, 1)).isEqualTo(uninterrupted(FIRST, 1));
        }
    }

    /** However late the topic is read again, and by however many jobs one after another. */
    @Test
    void aTopicThatIsReadAgainGivesNoSecondFinalScore() throws Exception {
        OperatorSubtaskState state;
        try (SequenceHarness job = open()) {
            play(job);
            assertThat(job.finals()).hasSize(3);
            state = job.snapshot();
        }
        long dayLater = RETENTION - 1;
        try (SequenceHarness job = restore(WatchSettings.DEFAULT, state, dayLater)) {
            play(job);
            assertThat(job.finals()).isEmpty();
            assertThat(job.rejected())
                    .extracting(Rejected::getReason)
                    .contains(RejectReason.SECOND_START, RejectReason.AFTER_FINISH)
                    .doesNotContain(RejectReason.UNKNOWN_SEQUENCE);
        }
    }

    private static void play(SequenceHarness job) throws Exception {
        for (long counter = 0; counter < 3; counter++) {
            job.feed(batch(counter).start(counter).run(counter, 0, tokens(1, 2)).finish(counter, 2));
        }
    }

    @Test
    void aShorterTimeoutHoldsAfterARestore() throws Exception {
        WatchSettings shorter = WatchSettings.DEFAULT.withIdleTimeout(Duration.ofSeconds(10));
        OperatorSubtaskState state;
        try (SequenceHarness job = open()) {
            job.feed(batch(0).at(0).start(1).start(2));
            job.feed(batch(1).at(2_000_000).run(2, 0, tokens(1)));
            state = job.snapshot();
        }
        try (SequenceHarness job = restore(shorter, state, 0)) {
            // Between two records at most a quarter of the time-out counts: 2.5 s.
            for (int i = 1; i <= 4; i++) {
                job.feed(batch(1 + i).at(2_000_000 + i * 2_500_000L).run(2, i, tokens(1)));
            }
            assertThat(job.finals()).extracting(Score::getFinishReason).containsExactly(FinishReason.ABANDONED);
            assertThat(job.finals(1)).hasSize(1);
            assertThat(job.finals(1).get(0).getClosedByClock()).isFalse();
        }
        try (SequenceHarness job = restore(shorter, state, 0)) {
            job.nothingToRead().pass(9_999);
            assertThat(job.finals()).isEmpty();
            job.pass(11_000);
            assertThat(job.finals()).hasSize(2).allSatisfy(score -> assertThat(score.getClosedByClock())
                    .isTrue());
        }
    }

    private byte[] uninterrupted(WatchSettings settings, long counter) throws Exception {
        try (SequenceHarness job = open(settings)) {
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
