package io.edistream.sequences.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.Logged;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class JobWatchTest {

    private static final String NOBODY =
            "No job has been heard of for 10 s: nobody watches what is decoded, and no command"
                    + " will come until a job runs that reads the same topics";
    private static final long SILENCE = JobWatch.SILENCE.toNanos();

    // Near the end of the type, where a clock of nanoseconds may well be.
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final JobWatch watch = new JobWatch(now::get);

    @Test
    void aJobWatchesUntilItHasBeenSilentForLong() {
        try (Logged log = Logged.by(JobWatch.class)) {
            watch.heard("first");
            watch.heard("first");
            now.addAndGet(SILENCE - 1);
            watch.check();
            assertThat(watch.jobs()).containsExactly("first");
            assertThat(log.lines()).containsExactly("Job first watches");
            now.addAndGet(1);
            watch.check();
            watch.check();
            assertThat(watch.jobs()).isEmpty();
            assertThat(log.lines())
                    .containsExactly("Job first watches", "Job first has not been heard of for 10 s", NOBODY);
            watch.heard("first");
            assertThat(log.lines()).hasSize(4).endsWith("Job first watches");
        }
    }

    @Test
    void oneJobThatFallsSilentLeavesTheOther() {
        try (Logged log = Logged.by(JobWatch.class)) {
            watch.heard("first");
            now.addAndGet(SILENCE / 2);
            watch.heard("second");
            now.addAndGet(SILENCE / 2);
            watch.check();
            assertThat(watch.jobs()).containsExactly("second");
            assertThat(log.lines()).doesNotContain(NOBODY);
        }
    }

    @Test
    void thatNobodyWasEverHeardOfIsSaidOnce() {
        try (Logged log = Logged.by(JobWatch.class)) {
            watch.check();
            now.addAndGet(SILENCE - 1);
            watch.check();
            assertThat(log.lines()).isEmpty();
            now.addAndGet(1);
            assertThat(watch.check()).isTrue();
            assertThat(watch.check()).as("as long as it is so").isTrue();
            assertThat(log.lines()).containsExactly(NOBODY);
            watch.heard("first");
            assertThat(watch.check()).isFalse();
        }
    }

    @Test
    void theAgeIsUnknownBeforeTheFirstHeartbeat() {
        assertThat(watch.secondsSinceLast()).isEmpty();
        watch.heard("first");
        assertThat(watch.secondsSinceLast()).hasValue(0);
        now.addAndGet(1_500_000_000);
        assertThat(watch.secondsSinceLast()).hasValue(1.5);
    }

    @Test
    void aFloodOfNamesIsNotRemembered() {
        for (int job = 0; job < JobWatch.MAX_JOBS + 1000; job++) {
            watch.heard("job " + job);
        }
        assertThat(watch.jobs()).hasSize(JobWatch.MAX_JOBS);
        now.addAndGet(1_000_000_000);
        watch.heard("one more");
        assertThat(watch.secondsSinceLast()).as("it counts nevertheless").hasValue(0);
    }
}
