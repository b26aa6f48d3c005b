package io.edistream.jobs.sequences;

import io.edistream.signals.monitor.Policy;
import java.time.Duration;

/**
 * How sequences are watched.
 *
 * @param policy scoring and rules of sequences that start from now on; those that run keep theirs
 * @param scoreIntervalTokens tokens between two running scores of a sequence, at least 1
 * @param idleTimeout how long a sequence may be silent before it counts as abandoned, at least 1 ms
 * @param finishedMemory how long an ended sequence is remembered, so that late events and a second start are
 *     recognised, at least 0
 */
public record SequenceSettings(Policy policy, int scoreIntervalTokens, Duration idleTimeout, Duration finishedMemory) {

    /** Tokens between two running scores. */
    public static final int DEFAULT_SCORE_INTERVAL_TOKENS = 16;

    /** Silence after which a sequence counts as abandoned. */
    public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(10);

    /** How long an ended sequence is remembered. */
    public static final Duration DEFAULT_FINISHED_MEMORY = Duration.ofSeconds(60);

    private static final Duration MAX = Duration.ofDays(365);

    /**
     * @throws IllegalArgumentException if a bound is violated; the message names it
     */
    public SequenceSettings {
        if (scoreIntervalTokens < 1) {
            throw new IllegalArgumentException(
                    "score interval of " + scoreIntervalTokens + " tokens: must be at least 1");
        }
        requireWithin("idle timeout", idleTimeout, Duration.ofMillis(1));
        requireWithin("finished memory", finishedMemory, Duration.ZERO);
    }

    /** The defaults, with this policy. */
    public static SequenceSettings of(Policy policy) {
        return new SequenceSettings(
                policy, DEFAULT_SCORE_INTERVAL_TOKENS, DEFAULT_IDLE_TIMEOUT, DEFAULT_FINISHED_MEMORY);
    }

    private static void requireWithin(String what, Duration value, Duration min) {
        if (value.compareTo(min) < 0 || value.compareTo(MAX) > 0) {
            throw new IllegalArgumentException(what + " " + value + ": must be " + min + " to " + MAX);
        }
    }
}
