package io.edistream.sequences;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MicrosClockTest {

    @Test
    void showsTheTimeAtItsBeginningAndWhatHasPassedSince() {
        AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 500);
        MicrosClock clock = MicrosClock.steady(1_000_000, nanos::get);
        assertThat(clock.micros()).isEqualTo(1_000_000);
        // Beyond the end of its type, as nanoTime may go.
        nanos.addAndGet(2_000_000);
        assertThat(clock.micros()).isEqualTo(1_002_000);
    }

    @Test
    void thatOfThisMachineBeginsNow() {
        long before = Instant.now().toEpochMilli() - 1;
        long shown = MicrosClock.system().micros() / 1_000;
        assertThat(shown).isBetween(before, Instant.now().toEpochMilli() + 1);
    }
}
