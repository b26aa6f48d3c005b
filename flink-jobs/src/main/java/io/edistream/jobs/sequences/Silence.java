package io.edistream.jobs.sequences;

/**
 * Judges silence: how much of the time without events is the generators' doing. What a task cannot hear while it does
 * not run, or while nothing at all reaches it, may still wait in Kafka.
 *
 * <p>That the task did not run is certain when it just started and when a timer goes off late; silence from before that
 * never counts. That nothing reached it for a while is a hint only, since all generators may be silent: then a sequence
 * is granted its time-out anew, but not for ever.
 */
final class Silence {

    /** Time-outs that a sequence is granted in all while nothing at all comes. Our choice: an hour by default. */
    static final int MAX_TIMEOUTS = 6;

    /** Shorter halts are those of a busy machine and say nothing. */
    private static final long MIN_STALL_MILLIS = 1_000;

    private static final long NOT_YET = Long.MIN_VALUE;

    private final long idleMillis;
    private final long stallMillis;
    private long runningSinceMillis = NOT_YET;
    private long hearingSinceMillis = NOT_YET;
    private long lastHeardMillis;

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
            begin(nowMillis);
        } else if (nowMillis - lastHeardMillis >= stallMillis) {
            hearingSinceMillis = nowMillis;
        }
        lastHeardMillis = nowMillis;
    }

    /**
     * A timer went off.
     *
     * @param setForMillis when it should have
     */
    void timer(long setForMillis, long nowMillis) {
        if (runningSinceMillis == NOT_YET || nowMillis - setForMillis >= stallMillis) {
            begin(nowMillis);
        }
    }

    private void begin(long nowMillis) {
        runningSinceMillis = nowMillis;
        hearingSinceMillis = nowMillis;
        lastHeardMillis = nowMillis;
    }

    /** From when on silence counts, given when the last event came. */
    long countedFrom(long lastEventMillis) {
        return Math.max(lastEventMillis, runningSinceMillis);
    }

    /** When a sequence counts as abandoned if nothing more is heard of it. */
    long abandonedAt(long lastEventMillis, long nowMillis) {
        long from = countedFrom(lastEventMillis);
        boolean deaf = nowMillis - lastHeardMillis >= stallMillis;
        long anew = (deaf ? nowMillis : hearingSinceMillis) + idleMillis;
        return Math.max(from + idleMillis, Math.min(anew, from + MAX_TIMEOUTS * idleMillis));
    }
}
