package io.edistream.jobs.watch;

import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import java.io.IOException;

/** What is remembered of one source of tokens, beside its sequences. Mutable. */
public final class GeneratorState {

    static final long NO_TIMER = Long.MIN_VALUE;
    private static final long UNKNOWN = Long.MIN_VALUE;

    /** More records are not counted as missing at once, so that no counter of all sources ever runs over. */
    static final long MAX_SKIPPED = 1L << 31;

    private final StartWindow starts = new StartWindow();
    private long nextRecord;
    private long lastDecodedAtMicros = UNKNOWN;
    private long clockMicros;
    private int live;
    private long lastProcessedMillis;
    private long timerMillis = NO_TIMER;

    StartWindow starts() {
        return starts;
    }

    /**
     * Notes a record's number and returns how many before it never came, at most {@link #MAX_SKIPPED}; 0 for one that
     * comes again.
     */
    long note(long recordNumber) {
        if (recordNumber < nextRecord || recordNumber == Long.MAX_VALUE) {
            return 0;
        }
        long skipped = nextRecord == 0 ? 0 : Math.min(recordNumber - nextRecord, MAX_SKIPPED);
        nextRecord = recordNumber + 1;
        return skipped;
    }

    /**
     * Advances the source's clock, by which its sequences grow old, to a record's own time. A step back counts for
     * nothing, a step ahead for at most {@code maxStepMicros}, so that a clock that jumps ends nobody.
     */
    void advance(long decodedAtMicros, long maxStepMicros) {
        if (lastDecodedAtMicros != UNKNOWN && decodedAtMicros > lastDecodedAtMicros) {
            long step = decodedAtMicros - lastDecodedAtMicros;
            long counted = step < 0 ? maxStepMicros : Math.min(step, maxStepMicros);
            clockMicros = clockMicros > Long.MAX_VALUE - counted ? Long.MAX_VALUE : clockMicros + counted;
        }
        lastDecodedAtMicros = decodedAtMicros == UNKNOWN ? UNKNOWN + 1 : decodedAtMicros;
    }

    /** The source's clock, microseconds since its first record. */
    long clockMicros() {
        return clockMicros;
    }

    /** Sequences that have started and not ended. */
    int live() {
        return live;
    }

    void sequenceStarted() {
        live++;
    }

    void sequenceEnded() {
        live--;
    }

    /** When its last record was processed, milliseconds of processing time. */
    long lastProcessedMillis() {
        return lastProcessedMillis;
    }

    void processed(long nowMillis) {
        lastProcessedMillis = nowMillis;
    }

    /** When its only timer goes off, milliseconds of processing time; {@link #NO_TIMER} if it has none. */
    long timerMillis() {
        return timerMillis;
    }

    void timerSet(long millis) {
        timerMillis = millis;
    }

    /** Writes it. */
    public void write(StateOutput out) throws IOException {
        starts.write(out);
        out.writeLong(nextRecord);
        out.writeLong(lastDecodedAtMicros);
        out.writeLong(clockMicros);
        out.writeCount(live);
        out.writeLong(lastProcessedMillis);
        out.writeLong(timerMillis);
    }

    /** Reads what {@link #write} wrote. */
    public static GeneratorState read(StateInput in) throws IOException {
        GeneratorState state = new GeneratorState();
        state.starts.read(in);
        state.nextRecord = in.readLong();
        state.lastDecodedAtMicros = in.readLong();
        state.clockMicros = in.readLong();
        state.live = in.readCount();
        state.lastProcessedMillis = in.readLong();
        state.timerMillis = in.readLong();
        return state;
    }
}
