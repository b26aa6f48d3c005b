package io.edistream.jobs.watch;

import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Judge;
import io.edistream.signals.rules.Rules;
import java.io.Serializable;
import java.time.Duration;

/**
 * How sequences are watched.
 *
 * @param scoring of sequences that start from now on; those that run keep theirs
 * @param rules asked of all sequences
 * @param scoreIntervalTokens tokens between two running scores of a sequence, at least 1
 * @param idleTimeout how long a sequence may be silent before it counts as abandoned, at least 4 ms
 * @param retention how long a source is remembered after its last record: that of topic token-entropy, at least the idle
 *     timeout
 * @param maxLivePerGenerator sequences that one source may have live, at least 1
 * @param maxLivePerTask sequences that one task watches, at least 1
 * @param maxGenerators sources that one task remembers, at least 1
 */
public record WatchSettings(
        Scoring scoring,
        Rules rules,
        int scoreIntervalTokens,
        Duration idleTimeout,
        Duration retention,
        int maxLivePerGenerator,
        int maxLivePerTask,
        int maxGenerators)
        implements Serializable {

    /** Tokens between two running scores. */
    public static final int DEFAULT_SCORE_INTERVAL_TOKENS = 16;

    /** Silence after which a sequence counts as abandoned. */
    public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(10);

    /** How long a source is remembered; the default retention of topic token-entropy. */
    public static final Duration DEFAULT_RETENTION = Duration.ofDays(1);

    /** Sequences that one source may have live. */
    public static final int DEFAULT_MAX_LIVE_PER_GENERATOR = 131_072;

    /** Sequences that one task watches: some 2 GiB of heap. */
    public static final int DEFAULT_MAX_LIVE_PER_TASK = 1_000_000;

    /** Sources that one task remembers. */
    public static final int DEFAULT_MAX_GENERATORS = 100_000;

    /** A quarter of it is a step of its own. */
    private static final Duration MIN_IDLE_TIMEOUT = Duration.ofMillis(4);

    private static final Duration MAX = Duration.ofDays(365);

    /** The defaults, without rules. */
    public static final WatchSettings DEFAULT = new WatchSettings(
            Scoring.DEFAULT,
            Rules.NONE,
            DEFAULT_SCORE_INTERVAL_TOKENS,
            DEFAULT_IDLE_TIMEOUT,
            DEFAULT_RETENTION,
            DEFAULT_MAX_LIVE_PER_GENERATOR,
            DEFAULT_MAX_LIVE_PER_TASK,
            DEFAULT_MAX_GENERATORS);

    /**
     * @throws IllegalArgumentException if a bound is violated, or a rule names a signal that the scoring does not have; the
     *     message names it
     */
    public WatchSettings {
        requirePositive("score interval in tokens", scoreIntervalTokens);
        requireWithin("idle timeout", idleTimeout, MIN_IDLE_TIMEOUT);
        requireWithin("retention", retention, idleTimeout);
        requirePositive("live sequences per source", maxLivePerGenerator);
        requirePositive("live sequences per task", maxLivePerTask);
        requirePositive("sources per task", maxGenerators);
        // Only to see whether every rule can be asked.
        Judge unused = new Judge(rules, new Catalogue(scoring));
    }

    /** The defaults, with this scoring and these rules. */
    public static WatchSettings of(Scoring scoring, Rules rules) {
        return DEFAULT.with(scoring).with(rules);
    }

    /** The same with another scoring. */
    public WatchSettings with(Scoring other) {
        return new WatchSettings(
                other,
                rules,
                scoreIntervalTokens,
                idleTimeout,
                retention,
                maxLivePerGenerator,
                maxLivePerTask,
                maxGenerators);
    }

    /** The same with other rules. */
    public WatchSettings with(Rules others) {
        return new WatchSettings(
                scoring,
                others,
                scoreIntervalTokens,
                idleTimeout,
                retention,
                maxLivePerGenerator,
                maxLivePerTask,
                maxGenerators);
    }

    /** The same with another score interval. */
    public WatchSettings withScoreInterval(int tokens) {
        return new WatchSettings(
                scoring, rules, tokens, idleTimeout, retention, maxLivePerGenerator, maxLivePerTask, maxGenerators);
    }

    /** The same with another idle timeout. */
    public WatchSettings withIdleTimeout(Duration timeout) {
        return new WatchSettings(
                scoring,
                rules,
                scoreIntervalTokens,
                timeout,
                retention,
                maxLivePerGenerator,
                maxLivePerTask,
                maxGenerators);
    }

    /** The same with another retention. */
    public WatchSettings withRetention(Duration remembered) {
        return new WatchSettings(
                scoring,
                rules,
                scoreIntervalTokens,
                idleTimeout,
                remembered,
                maxLivePerGenerator,
                maxLivePerTask,
                maxGenerators);
    }

    /** The same with other bounds of what is watched. */
    public WatchSettings withBounds(int livePerGenerator, int livePerTask, int sources) {
        return new WatchSettings(
                scoring, rules, scoreIntervalTokens, idleTimeout, retention, livePerGenerator, livePerTask, sources);
    }

    private static void requirePositive(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " " + value + ": must be at least 1");
        }
    }

    private static void requireWithin(String what, Duration value, Duration min) {
        if (value.compareTo(min) < 0 || value.compareTo(MAX) > 0) {
            throw new IllegalArgumentException(what + " " + value + ": must be " + min + " to " + MAX);
        }
    }
}
