package io.edistream.sequences.control;

import io.edistream.sequences.event.Cut;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which jobs have been heard of lately, by their heartbeats: whether anybody watches what is decoded. Says so in the log
 * when that changes. Thread-safe.
 */
public final class JobWatch {

    private static final Logger LOG = LoggerFactory.getLogger(JobWatch.class);

    /** Silence after which a job no longer watches; a heartbeat comes every two seconds. */
    static final Duration SILENCE = Duration.ofSeconds(10);

    /** Most jobs that are told apart at a time; further ones still count as somebody who watches. */
    static final int MAX_JOBS = 64;

    /** Most characters of a job's name that tell it from others; its own limit is the same. */
    static final int MAX_NAME_CHARACTERS = 128;

    private static final double NANOS_PER_SECOND = 1e9;

    private final LongSupplier nanoClock;
    private final long begunNanos;
    private final Map<String, Long> lastNanosByJob = new HashMap<>();
    private boolean everHeard;
    private long lastNanos;
    private boolean nobodySaid;

    /**
     * Begins to listen.
     *
     * @param nanoClock nanoseconds since any moment, never going back
     */
    public JobWatch(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.begunNanos = nanoClock.getAsLong();
    }

    /** A job's heartbeat has come. */
    public synchronized void heard(String name) {
        String job = Cut.at(MAX_NAME_CHARACTERS, name);
        lastNanos = nanoClock.getAsLong();
        everHeard = true;
        nobodySaid = false;
        boolean known = lastNanosByJob.containsKey(job);
        if (known || lastNanosByJob.size() < MAX_JOBS) {
            lastNanosByJob.put(job, lastNanos);
        }
        if (!known && lastNanosByJob.containsKey(job)) {
            LOG.info("Job {} watches", job);
        }
    }

    /**
     * Looks for jobs that have fallen silent; to be called every few seconds.
     *
     * @return whether no job has been heard of for so long that nobody watches
     */
    public synchronized boolean check() {
        long now = nanoClock.getAsLong();
        lastNanosByJob.entrySet().removeIf(job -> {
            boolean silent = isSilent(job.getValue(), now);
            if (silent) {
                LOG.warn("Job {} has not been heard of for {} s", job.getKey(), SILENCE.toSeconds());
            }
            return silent;
        });
        if (!nobodySaid && isSilent(everHeard ? lastNanos : begunNanos, now)) {
            nobodySaid = true;
            LOG.warn(
                    "No job has been heard of for {} s: nobody watches what is decoded, and no command will come until a job"
                            + " runs that reads the same topics",
                    SILENCE.toSeconds());
        }
        return nobodySaid;
    }

    /** Jobs that watch, by name. */
    public synchronized Set<String> jobs() {
        return Set.copyOf(lastNanosByJob.keySet());
    }

    /** Seconds since the last heartbeat of any job; empty before the first. */
    public synchronized OptionalDouble secondsSinceLast() {
        return everHeard
                ? OptionalDouble.of((nanoClock.getAsLong() - lastNanos) / NANOS_PER_SECOND)
                : OptionalDouble.empty();
    }

    private static boolean isSilent(long sinceNanos, long nowNanos) {
        return nowNanos - sinceNanos >= SILENCE.toNanos();
    }
}
