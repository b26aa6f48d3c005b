package io.edistream.cli.watch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LagTest {

    private static final long SECOND = 1_000_000_000;

    private final Lag lag = new Lag();

    @Test
    void aReaderAtTheEndIsNotBehind() {
        assertThat(lag.behindNanos(10, 10, 0)).isZero();
        assertThat(lag.behindNanos(20, 20, 9 * SECOND)).isZero();
    }

    @Test
    void aReaderThatStaysOneSecondBehindIsOneSecondBehind() {
        // 100 records come in a second; the reader is 100 records behind all the time.
        long behind = 0;
        for (int second = 0; second <= 10; second++) {
            behind = lag.behindNanos(100L * second, 100L * second + 100, second * SECOND);
        }
        assertThat(behind).isLessThanOrEqualTo(SECOND);
    }

    @Test
    void aReaderThatFallsBackIsAsFarBehindAsTheOldestEndThatItHasNotReached() {
        assertThat(lag.behindNanos(0, 100, 0)).isZero();
        assertThat(lag.behindNanos(50, 200, SECOND)).isEqualTo(SECOND);
        assertThat(lag.behindNanos(99, 300, 2 * SECOND)).isEqualTo(2 * SECOND);
        assertThat(lag.behindNanos(100, 400, 3 * SECOND)).isEqualTo(2 * SECOND);
        lag.clear();
        assertThat(lag.behindNanos(400, 500, 4 * SECOND)).isZero();
    }
}
