package io.edistream.cli.watch;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How long the reader of one partition has been behind: the time since its position was the end. It compares no clocks of
 * different machines.
 */
final class Lag {

    private static final long SAMPLE_NANOS = 250_000_000;

    private final Deque<Sample> ends = new ArrayDeque<>();

    private record Sample(long nanos, long end) {}

    /**
     * The position and the end are known again.
     *
     * @param position offset of the next record to read
     * @param end offset behind the last record
     * @param nowNanos by a clock that only goes forward
     * @return nanoseconds since the oldest end that the reader has not reached was the end; 0 if it has reached all
     */
    long behindNanos(long position, long end, long nowNanos) {
        while (!ends.isEmpty() && ends.getFirst().end() <= position) {
            ends.removeFirst();
        }
        if (end > position && (ends.isEmpty() || nowNanos - ends.getLast().nanos() >= SAMPLE_NANOS)) {
            ends.addLast(new Sample(nowNanos, end));
        }
        return ends.isEmpty() ? 0 : nowNanos - ends.getFirst().nanos();
    }

    /** The reader goes on at the end. */
    void clear() {
        ends.clear();
    }
}
