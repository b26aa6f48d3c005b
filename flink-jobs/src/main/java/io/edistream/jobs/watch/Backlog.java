package io.edistream.jobs.watch;

/**
 * Judges silence: how much of the time without records is a source's doing. Records that came while the task did not run,
 * or that others keep it from, still wait in Kafka; time in which they may is nobody's silence.
 *
 * <p>That records wait is known in three ways: the task has just started, a timer went off late, or the watermark, the
 * time up to which all partitions have been read, is behind. A source that is known to be silent is closed only by a task
 * that is not behind.
 */
public final class Backlog {

    /** Shorter halts are those of a busy machine and say nothing. */
    private static final long MIN_HALT_MILLIS = 1_000;

    private static final long UNKNOWN = Long.MIN_VALUE;

    private final long haltMillis;
    private final long behindMillis;
    private long countedFromMillis;
    private long watermarkMillis = UNKNOWN;
    private boolean idle;

    /**
     * @param idleMillis silence after which a source's sequences are closed
     * @param nowMillis when the task starts
     */
    Backlog(long idleMillis, long nowMillis) {
        this.haltMillis = Math.max(idleMillis / 2, MIN_HALT_MILLIS);
        this.behindMillis = Math.max(idleMillis / 4, MIN_HALT_MILLIS);
        this.countedFromMillis = nowMillis;
    }

    /** All partitions have been read up to a time, milliseconds since 1970-01-01 UTC on the clocks of Kafka's records. */
    public void readUpTo(long millis, long nowMillis) {
        noteIfBehind(nowMillis);
        watermarkMillis = millis;
        idle = false;
    }

    /** Whether there is nothing to read at the moment. */
    public void idle(boolean nothingToRead, long nowMillis) {
        noteIfBehind(nowMillis);
        idle = nothingToRead;
    }

    /** A timer went off. */
    void timer(long setForMillis, long nowMillis) {
        if (nowMillis - setForMillis >= haltMillis) {
            countedFromMillis = nowMillis;
        }
    }

    /** From when on a source has been silent. */
    long silentSince(long lastProcessedMillis, long nowMillis) {
        noteIfBehind(nowMillis);
        return Math.max(lastProcessedMillis, countedFromMillis);
    }

    private void noteIfBehind(long nowMillis) {
        if (!idle && watermarkMillis != UNKNOWN && nowMillis - watermarkMillis > behindMillis) {
            countedFromMillis = nowMillis;
        }
    }
}
