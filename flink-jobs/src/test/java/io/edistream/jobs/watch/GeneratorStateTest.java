package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeneratorStateTest {

    private static final long STEP = 1_000;

    private final GeneratorState state = new GeneratorState();

    @ParameterizedTest
    @CsvSource({
        "0, 999, 999",
        "0, 1000, 1000",
        "0, 1001, 1000",
        "0, 0, 0",
        "5, 4, 0",
        "-500, 499, 999",
        "0, 9223372036854775807, 1000",
        "-9223372036854775808, 9223372036854775807, 1000",
        "9223372036854775807, -9223372036854775808, 0",
        "-9223372036854775808, -9223372036854775807, 0",
        "-9223372036854775808, -9223372036854775805, 2"
    })
    void theClockCountsStepsAheadUpToABound(long first, long second, long clock) {
        state.advance(first, STEP);
        assertThat(state.clockMicros()).isZero();
        state.advance(second, STEP);
        assertThat(state.clockMicros()).isEqualTo(clock);
    }

    @Test
    void aClockThatStepsBackGoesOnFromWhereItIsThen() {
        long[] times = {10_000, 10_500, 2_000, 2_300, 50_000, 49_000, 49_001};
        for (long time : times) {
            state.advance(time, STEP);
        }
        assertThat(state.clockMicros()).isEqualTo(500 + 300 + 1_000 + 1);
    }

    @Test
    void theClockStopsAtTheEndOfItsType() {
        state.advance(0, Long.MAX_VALUE);
        state.advance(Long.MAX_VALUE, Long.MAX_VALUE);
        assertThat(state.clockMicros()).isEqualTo(Long.MAX_VALUE);
        state.advance(0, Long.MAX_VALUE);
        state.advance(7, Long.MAX_VALUE);
        assertThat(state.clockMicros()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void recordsBeforeTheFirstAreNotMissing() {
        assertThat(state.note(5)).isZero();
        assertThat(state.note(6)).isZero();
        assertThat(state.note(9)).isEqualTo(2);
        assertThat(state.note(8)).isZero();
        assertThat(state.note(9)).isZero();
        assertThat(state.note(10)).isZero();
    }

    @Test
    void recordNumbersAtTheEndsOfTheirTypeCountNothingBackwards() {
        assertThat(state.note(Long.MIN_VALUE)).isZero();
        assertThat(state.note(-1)).isZero();
        assertThat(state.note(0)).isZero();
        assertThat(state.note(Long.MAX_VALUE)).isZero();
        assertThat(state.note(1)).isZero();
        assertThat(state.note(Long.MAX_VALUE - 1)).isEqualTo(GeneratorState.MAX_SKIPPED);
        assertThat(state.note(Long.MAX_VALUE)).isZero();
        assertThat(state.note(2)).isZero();
    }

    @Test
    void countersOfMissingRecordsCannotRunOver() {
        assertThat(state.note(0)).isZero();
        assertThat(state.note(1 + (1L << 31))).isEqualTo(1L << 31);
        assertThat(state.note(2 + (1L << 31) + (1L << 31) + 1)).isEqualTo(1L << 31);
    }

    @Test
    void isReadAsItWasWrittenAndGoesOnAlike() throws IOException {
        Random random = new Random(4);
        GeneratorState stored = new GeneratorState();
        GeneratorState kept = new GeneratorState();
        for (int i = 0; i < 2_000; i++) {
            stored = restored(stored);
            long number = (long) i + random.nextInt(4);
            long time = random.nextInt(10) == 0 ? random.nextLong() : 100L * i;
            assertThat(stored.note(number)).isEqualTo(kept.note(number));
            stored.advance(time, STEP);
            kept.advance(time, STEP);
            if (stored.starts().place(i) == StartWindow.Place.NEW) {
                stored.starts().add(i);
                stored.sequenceStarted();
                kept.sequenceStarted();
            }
            if (random.nextInt(3) == 0 && kept.live() > 0) {
                stored.sequenceEnded();
                kept.sequenceEnded();
            }
            stored.processed(time);
            stored.timerSet(-time);
            assertThat(stored.clockMicros()).isEqualTo(kept.clockMicros());
        }
        GeneratorState last = restored(stored);
        assertThat(last.live()).isEqualTo(kept.live()).isPositive();
        assertThat(last.starts().highest()).isEqualTo(1_999);
        assertThat(last.lastProcessedMillis()).isEqualTo(stored.lastProcessedMillis());
        assertThat(last.timerMillis()).isEqualTo(stored.timerMillis());
        assertThat(restored(new GeneratorState()).timerMillis()).isEqualTo(GeneratorState.NO_TIMER);
    }

    private static GeneratorState restored(GeneratorState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        state.write(new StateOutput(new DataOutputStream(bytes)));
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
        GeneratorState read = GeneratorState.read(new StateInput(in));
        assertThat(in.read()).isNegative();
        return read;
    }
}
