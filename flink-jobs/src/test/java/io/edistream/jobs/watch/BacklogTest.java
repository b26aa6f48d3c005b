package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BacklogTest {

    private static final long IDLE = 40_000;
    private static final long START = 1_000_000;

    private final Backlog backlog = new Backlog(IDLE, START);

    @Test
    void silenceCountsFromTheLastRecordAndNotFromBeforeTheTaskStarted() {
        assertThat(backlog.silentSince(START - 5, START + 10)).isEqualTo(START);
        assertThat(backlog.silentSince(START + 7, START + 10)).isEqualTo(START + 7);
    }

    @Test
    void aTimerThatIsLateByHalfATimeOutTellsOfAHalt() {
        backlog.timer(START + 100, START + 100 + IDLE / 2 - 1);
        assertThat(backlog.silentSince(START + 5, START + 90_000)).isEqualTo(START + 5);
        backlog.timer(START + 100, START + 100 + IDLE / 2);
        assertThat(backlog.silentSince(START + 5, START + 90_000)).isEqualTo(START + 100 + IDLE / 2);
    }

    @Test
    void aShortTimeOutDoesNotMakeABusyMachineAHalt() {
        Backlog tight = new Backlog(100, START);
        tight.timer(START, START + 999);
        assertThat(tight.silentSince(0, START + 999)).isEqualTo(START);
        tight.timer(START, START + 1_000);
        assertThat(tight.silentSince(0, START + 1_000)).isEqualTo(START + 1_000);
        tight.readUpTo(START + 1_000, START + 1_000);
        assertThat(tight.silentSince(0, START + 2_000)).isEqualTo(START + 1_000);
        assertThat(tight.silentSince(0, START + 2_001)).isEqualTo(START + 2_001);
    }

    @Test
    void whileTheWatermarkIsBehindNobodyIsSilent() {
        backlog.readUpTo(START, START);
        assertThat(backlog.silentSince(0, START + IDLE / 4)).isEqualTo(START);
        assertThat(backlog.silentSince(0, START + IDLE / 4 + 1)).isEqualTo(START + IDLE / 4 + 1);
        // It was behind until it caught up, however much later that is noticed.
        backlog.readUpTo(START + 90_000, START + 90_000);
        assertThat(backlog.silentSince(0, START + 95_000)).isEqualTo(START + 90_000);
    }

    @Test
    void whereThereIsNothingToReadAnOldWatermarkSaysNothing() {
        backlog.readUpTo(START, START);
        backlog.idle(true, START + 5_000);
        assertThat(backlog.silentSince(0, START + 10 * IDLE)).isEqualTo(START);
        // Reading goes on: the watermark of before is old.
        backlog.idle(false, START + 10 * IDLE);
        assertThat(backlog.silentSince(0, START + 10 * IDLE + 1)).isEqualTo(START + 10 * IDLE + 1);
        backlog.readUpTo(START + 11 * IDLE, START + 11 * IDLE);
        assertThat(backlog.silentSince(0, START + 11 * IDLE)).isEqualTo(START + 11 * IDLE);
    }

    @Test
    void whatWasBehindUntilThereWasNothingToReadCountsFromThen() {
        backlog.readUpTo(START, START);
        backlog.idle(true, START + 10 * IDLE);
        assertThat(backlog.silentSince(0, START + 11 * IDLE)).isEqualTo(START + 10 * IDLE);
    }

    @Test
    void beforeTheFirstWatermarkTheStartAloneCounts() {
        assertThat(backlog.silentSince(0, START + 100 * IDLE)).isEqualTo(START);
    }
}
