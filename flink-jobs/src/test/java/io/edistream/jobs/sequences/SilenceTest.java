package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Score;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Time that a task could not hear in, and what it holds against the sequences. */
class SilenceTest {

    private static final long IDLE = 60_000;
    private static final long SOON = 1_000;
    private static final long OTHER = 2;
    private static final SequenceSettings SETTINGS = new SequenceSettings(
            SequenceHarness.POLICY, 1_000, Duration.ofMillis(IDLE), SequenceSettings.DEFAULT_FINISHED_MEMORY);

    private int others;

    /** A suspended machine: the clock has gone on, and timers go off all at once, before the events that waited. */
    @Test
    void aHaltOfTheTaskIsNobodysSilence() throws Exception {
        try (SequenceHarness job = SequenceHarness.open(SETTINGS)) {
            job.at(0).feed(batch(0).start(1).run(1, 0, token(0)));
            long woken = 100 * IDLE;
            job.at(woken);
            assertThat(job.finals(1)).isEmpty();

            job.at(woken + SOON).feed(batch(1).run(1, 1, token(0)).finish(1, 2));
            assertThat(job.finals(1)).extracting(Score::getFinishReason).containsExactly(FinishReason.END_OF_SEQUENCE);
            assertThat(job.rejected()).isEmpty();
        }
    }

    @Test
    void afterAHaltTheTimeoutBeginsAnew() throws Exception {
        try (SequenceHarness job = SequenceHarness.open(SETTINGS)) {
            job.at(0).feed(batch(0).start(1).start(OTHER));
            long woken = 100 * IDLE;
            job.at(woken);
            hearOthers(job, woken + SOON, woken + IDLE - SOON);
            assertThat(job.finals(1)).isEmpty();

            hearOthers(job, woken + IDLE, woken + IDLE + SOON);
            assertThat(job.finals(1)).extracting(Score::getFinishReason).containsExactly(FinishReason.ABANDONED);
        }
    }

    @Test
    void whereNobodyIsHeardAnyMoreAllAreAbandonedOnTime() throws Exception {
        try (SequenceHarness job = SequenceHarness.open(SETTINGS)) {
            job.at(0).feed(batch(0).start(1).run(1, 0, token(0)));
            job.at(IDLE - 1);
            assertThat(job.finals(1)).isEmpty();

            job.at(IDLE);
            assertThat(job.finals(1)).extracting(Score::getFinishReason).containsExactly(FinishReason.ABANDONED);
            assertThat(job.statesLeft()).isZero();
            assertThat(job.timersLeft()).isZero();
        }
    }

    @Test
    void whereOthersAreHeardOneThatIsSilentIsAbandonedOnTime() throws Exception {
        try (SequenceHarness job = SequenceHarness.open(SETTINGS)) {
            job.at(0).feed(batch(0).start(1).start(OTHER));
            hearOthers(job, SOON, IDLE - 1);
            assertThat(job.finals(1)).isEmpty();

            job.at(IDLE);
            assertThat(job.finals(1)).extracting(Score::getFinishReason).containsExactly(FinishReason.ABANDONED);
        }
    }

    /** Timers of a short time-out are late by as much on any busy machine. */
    @Test
    void aTimerThatIsLateByLessThanASecondIsNoHalt() {
        Silence silence = new Silence(10);
        silence.heard(0);
        silence.timer(10, 1_009);
        assertThat(silence.countedFrom(0)).isZero();

        silence.timer(10, 1_010);
        assertThat(silence.countedFrom(0)).isEqualTo(1_010);
    }

    private void hearOthers(SequenceHarness job, long fromMillis, long toMillis) throws Exception {
        for (long now = fromMillis; now < toMillis; now += 10 * SOON) {
            job.at(now).feed(batch(1).run(OTHER, others++, token(0)));
        }
        job.at(toMillis).feed(batch(1).run(OTHER, others++, token(0)));
    }
}
