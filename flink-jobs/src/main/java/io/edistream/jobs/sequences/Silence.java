package io.edistream.jobs.sequences;

/**
 * Judges silence: how much of the time without events is the generators' doing. What came while the task did not run may
 * still wait in Kafka. That it did not run is certain when it just started and when a timer goes off late; silence from
 * before that never counts.
 */
final class Silence {

    /** Shorter halts are those of a busy machine and say nothing. */
    private static final long MIN_STALL_MILLIS = 1_000;

    private static final long NOT_YET = Long.MIN_VALUE;

    private final long idleMillis;
    private final long stallMillis;
    private long runningSinceMillis = NOT_YET;

    /**
     * @param idleMillis silence after which a sequence counts as abandoned
     */
    Silence(long idleMillis) {
        this.idleMillis = idleMillis;
        this.stallMillis = Math.max(idleMillis / 2, MIN_STALL_MILLIS);
    }

    /** An event came, of whatever sequence. */
    void heard(long nowMillis) {
        if (runningSinceMillis == NOT_YET) {
            runningSinceMillis = nowMillis;
        }
    }

    /**
     * A timer went off.
     *
     * @param setForMillis when it should have
     */
    void timer(long setForMillis, long nowMillis) {
        if (runningSinceMillis == NOT_YET || nowMillis - setForMillis >= stallMillis) {
            runningSinceMillis = nowMillis;
        }
    }

    /** From when on silence counts, given when the last event came. */
    long countedFrom(long lastEventMillis) {
        return Math.max(lastEventMillis, runningSinceMillis);
    }

    /** When a sequence counts as abandoned if nothing more is heard of it. */
    long abandonedAt(long lastEventMillis) {
        return countedFrom(lastEventMillis) + idleMillis;
    }
}
