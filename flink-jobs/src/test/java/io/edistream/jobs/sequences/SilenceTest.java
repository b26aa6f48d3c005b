package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.tokens;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import java.time.Duration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.junit.jupiter.api.Test;

/** When sequences count as abandoned: by the records of their source, and by a clock where there are none. */
class SilenceTest extends OperatorTest {

    private static final long SECOND = 1_000_000L;
    private static final long TIMEOUT = 40 * SECOND;
    private static final WatchSettings SETTINGS = WatchSettings.DEFAULT.withIdleTimeout(Duration.ofSeconds(40));
    private static final long IDLE_MILLIS = 40_000;

    @Test
    void aSequenceIsAbandonedWhenItsSourceIsMoreThanTheTimeoutLater() throws Exception {
        try (SequenceHarness job = open(SETTINGS)) {
            job.feed(batch(0).at(0).start(1).start(2));
            for (int i = 1; i <= 4; i++) {
                job.feed(batch(i).at(10L * i * SECOND).run(2, i - 1, tokens(1)));
            }
            assertThat(job.finals()).as("exactly the time-out later").isEmpty();

            job.feed(batch(5).at(TIMEOUT + 1).run(2, 4, tokens(1)));
            assertThat(job.finals()).extracting(Score::getFinishReason).containsExactly(FinishReason.ABANDONED);
            assertThat(job.finals(1)).hasSize(1);
            assertThat(job.finals(1).get(0).getClosedByClock()).isFalse();

            job.feed(batch(6).run(1, 0, tokens(1)));
            assertThat(job.rejected()).extracting(Rejected::getReason).containsExactly(RejectReason.AFTER_FINISH);
        }
    }

    @Test
    void aTokenCountsAsASignOfLifeAndProcessingTimeDoesNot() throws Exception {
        try (SequenceHarness job = open(SETTINGS)) {
            job.feed(batch(0).at(0).start(1).start(2));
            for (int i = 1; i <= 12; i++) {
                // No time passes here while two minutes pass at the source, and the other way round.
                job.feed(batch(i).at(10L * i * SECOND).run(2, i - 1, tokens(1)).run(1, i - 1, tokens(1)));
            }
            job.at(1_000).watermark(1_000);
            assertThat(job.finals()).isEmpty();
        }
    }

    @Test
    void aSourcesClockThatJumpsEndsNobody() throws Exception {
        try (SequenceHarness job = open(SETTINGS)) {
            job.feed(batch(0).at(0).start(1).start(2));
            job.feed(batch(1).at(1_000_000 * SECOND).run(2, 0, tokens(1)));
            job.feed(batch(2).at(-1_000_000 * SECOND).run(2, 1, tokens(1)));
            job.feed(batch(3).at(Long.MAX_VALUE).run(2, 2, tokens(1)));
            job.feed(batch(4).at(Long.MIN_VALUE).run(2, 3, tokens(1)));
            assertThat(job.finals())
                    .as("two jumps ahead count for a quarter each")
                    .isEmpty();

            job.feed(batch(5).at(Long.MAX_VALUE).run(2, 4, tokens(1)));
            job.feed(batch(6).at(0).run(2, 5, tokens(1)));
            job.feed(batch(7).at(Long.MAX_VALUE).run(2, 6, tokens(1)));
            assertThat(job.finals()).isEmpty();
            job.feed(batch(8).at(0).run(2, 7, tokens(1)));
            job.feed(batch(9).at(1).run(2, 8, tokens(1)));
            assertThat(job.finals(1)).as("four quarters and a microsecond").hasSize(1);
        }
    }

    @Test
    void aSourceThatFallsSilentAltogetherIsClosedByTheClock() throws Exception {
        try (SequenceHarness job = open(SETTINGS)) {
            job.at(0).feed(batch(0).start(1));
            job.at(100).feed(batch(1).run(1, 0, tokens(1, 2)));
            job.nothingToRead();

            job.pass(IDLE_MILLIS + 99);
            assertThat(job.finals()).isEmpty();
            job.pass(IDLE_MILLIS + 1_000);
            Score last = job.finals(1).get(0);
            assertThat(last.getFinishReason()).isEqualTo(FinishReason.ABANDONED);
            assertThat(last.getClosedByClock()).isTrue();
            assertThat(last.getTokens()).isEqualTo(2);
            assertThat(last.getLabel()).isNull();
            assertThat(job.timersLeft()).as("the source is remembered").isEqualTo(1);

            job.feed(batch(2).start(1));
            assertThat(job.rejected()).extracting(Rejected::getReason).containsExactly(RejectReason.SECOND_START);
        }
    }

    @Test
    void anOldWatermarkKeepsNobodyAliveWhereThereIsNothingToRead() throws Exception {
        for (boolean idle : new boolean[] {false, true}) {
            try (SequenceHarness job = open(SETTINGS)) {
                job.at(0).feed(batch(0).start(1)).watermark(0);
                if (idle) {
                    job.nothingToRead();
                }
                job.pass(2 * IDLE_MILLIS);
                assertThat(job.finals()).hasSize(idle ? 1 : 0);
            }
        }
    }

    /** Whatever is behind the operator may want them. */
    @Test
    void watermarksAndTheirStatusArePassedOn() throws Exception {
        try (SequenceHarness job = open(SETTINGS)) {
            job.watermark(7).nothingToRead();
            assertThat(job.flink().getOutput()).containsExactly(new Watermark(7), WatermarkStatus.IDLE);
        }
    }

    @Test
    void anotherSourcesRecordsKeepNobodyAlive() throws Exception {
        try (SequenceHarness job = open(SETTINGS)) {
            job.at(0).feed(batch(1, 0).start(1)).feed(batch(2, 0).start(1));
            for (int second = 1; second <= 50; second++) {
                job.at(second * 1_000L).watermark(second * 1_000L);
                job.feed(batch(2, second).run(1, second - 1, tokens(1)));
            }
            assertThat(job.finals()).hasSize(1);
            assertThat(job.finals().get(0).getClosedByClock()).isTrue();
            assertThat(job.finals().get(0).getTokens()).isZero();
        }
    }

    /**
     * The job does not run for three time-outs, in which its sources go on, and then needs two to catch up. The record of
     * the second source comes at the very end of that.
     */
    @Test
    void aHaltWithABacklogAbandonsNobody() throws Exception {
        OperatorSubtaskState state;
        try (SequenceHarness job = open(SETTINGS)) {
            job.at(0).feed(batch(1, 0).at(0).start(1)).feed(batch(2, 0).at(0).start(1));
            state = job.snapshot();
        }
        long back = 3 * IDLE_MILLIS;
        try (SequenceHarness job = restore(SETTINGS, state, back)) {
            long steps = 160;
            for (long i = 1; i <= steps; i++) {
                // Half a second of work for every second (and a half) of records, by another task in part.
                long now = back + i * (2 * IDLE_MILLIS / steps);
                long recordMillis = i * (5 * IDLE_MILLIS / steps);
                job.at(now).watermark(recordMillis);
                job.feed(batch(1, i).at(recordMillis * 1_000).run(1, (int) i - 1, tokens(1)));
            }
            job.feed(batch(2, 1).at(5 * TIMEOUT).run(1, 0, tokens(1)));
            assertThat(job.finals()).isEmpty();
            assertThat(job.rejected()).isEmpty();

            // From here on it is silent while the task keeps up.
            long caughtUp = back + 2 * IDLE_MILLIS;
            for (long now = caughtUp; now <= caughtUp + IDLE_MILLIS + 2_000; now += 1_000) {
                job.at(now).watermark(now);
            }
            assertThat(job.finals()).hasSize(2);
        }
    }

    @Test
    void aTaskThatStoodStillCountsAnew() throws Exception {
        try (SequenceHarness job = open(SETTINGS)) {
            job.at(0).feed(batch(0).start(1)).nothingToRead();
            // Its timers go off far too late.
            job.at(5 * IDLE_MILLIS);
            assertThat(job.finals()).isEmpty();
            job.pass(6 * IDLE_MILLIS - 1);
            assertThat(job.finals()).isEmpty();
            job.pass(6 * IDLE_MILLIS + 1_000);
            assertThat(job.finals(1)).hasSize(1);
        }
    }

    @Test
    void aSourceHasOneTimerHoweverManyTokens() throws Exception {
        try (SequenceHarness job = open()) {
            job.feed(batch(0).start(1));
            for (int i = 0; i < 100; i++) {
                job.at(i).feed(batch(1 + i).run(1, i, tokens(0)));
            }
            assertThat(job.timersLeft()).isEqualTo(1);
        }
    }
}
