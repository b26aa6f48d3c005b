package io.edistream.signals.rules;

import java.io.Serializable;

/**
 * A rule: when a running signal crosses a limit, something should be done. The papers score finished sequences; a limit on
 * a running score must be calibrated for the models, routes and kinds of entropy that it is used with.
 *
 * @param key id and revision
 * @param scope what the limit was set for
 * @param signal name of a signal of the catalogue, or {@value #NEWEST_ENTROPY} for the entropy of the newest token
 * @param side on which side of the limit the rule fires
 * @param limit the limit, in the signal's unit; to be exceeded, not reached
 * @param minTokens measured tokens before which the rule does not fire, at least 0
 * @param maxToken index of the last token at which the rule fires, {@value #ANY_TOKEN} for no bound; a rule that must not
 *     fire before so many tokens can fire at its first
 * @param maxFirings acts that do not end a sequence: how often one sequence may cause them, at least 1
 * @param maxUnmeasuredShare share of missing and unmeasured tokens above which the rule stays in shadow, 0 to 1
 * @param maxGapNats bounded kinds: mean gap between the bounds above which the rule stays in shadow, nats; NaN if its limit
 *     was set without an upper bound
 * @param act what should be done
 */
public record Threshold(
        RuleKey key,
        LimitScope scope,
        String signal,
        Side side,
        double limit,
        int minTokens,
        int maxToken,
        int maxFirings,
        double maxUnmeasuredShare,
        double maxGapNats,
        Act act)
        implements Serializable {

    /** Name under which a rule watches the entropy of the newest token, nats. */
    public static final String NEWEST_ENTROPY = "entropy";

    /** The last token of a rule that fires at any. */
    public static final int ANY_TOKEN = Integer.MAX_VALUE;

    /** Share of missing and unmeasured tokens above which a rule stays in shadow. Our choice. */
    public static final double DEFAULT_MAX_UNMEASURED_SHARE = 0.1;

    /** Mean gap between the bounds above which a rule on a bounded kind stays in shadow, nats. Our choice. */
    public static final double DEFAULT_MAX_GAP_NATS = 0.5;

    /** A side of the limit. */
    public enum Side {
        /** The rule fires above it. */
        ABOVE,
        /** The rule fires below it. */
        BELOW
    }

    /**
     * @throws IllegalArgumentException if a bound is violated; the message names rule, value and bound
     */
    public Threshold {
        require(Double.isFinite(limit), key, "limit " + limit + " must be a finite number");
        require(minTokens >= 0, key, "minimum tokens " + minTokens + " must be at least 0");
        require(
                maxToken >= Math.max(0, minTokens - 1),
                key,
                "last token " + maxToken + " must be at least " + Math.max(0, minTokens - 1)
                        + ", the first at which it can fire with a minimum of " + minTokens + " tokens");
        require(maxFirings >= 1, key, "firings " + maxFirings + " must be at least 1");
        require(
                maxUnmeasuredShare >= 0 && maxUnmeasuredShare <= 1,
                key,
                "unmeasured share " + maxUnmeasuredShare + " must be 0 to 1");
        require(!(maxGapNats < 0), key, "entropy gap " + maxGapNats + " must be at least 0 nats");
    }

    /** A rule that fires above a limit, with the default bounds for what is not measured, once if its act does not end. */
    public static Threshold above(RuleKey key, LimitScope scope, String signal, double limit, Act act) {
        return of(key, scope, signal, Side.ABOVE, limit, act);
    }

    /** The same on either side of the limit. */
    public static Threshold of(RuleKey key, LimitScope scope, String signal, Side side, double limit, Act act) {
        return new Threshold(
                key,
                scope,
                signal,
                side,
                limit,
                0,
                ANY_TOKEN,
                1,
                DEFAULT_MAX_UNMEASURED_SHARE,
                DEFAULT_MAX_GAP_NATS,
                act);
    }

    /** The same rule, not firing before this many measured tokens. */
    public Threshold from(int tokens) {
        return with(tokens, maxToken, maxFirings);
    }

    /** The same rule, not firing behind the token of this index. */
    public Threshold until(int token) {
        return with(minTokens, token, maxFirings);
    }

    /** The same rule, whose act may be caused this often by one sequence. */
    public Threshold atMost(int firings) {
        return with(minTokens, maxToken, firings);
    }

    private Threshold with(int tokens, int lastToken, int firings) {
        return new Threshold(
                key, scope, signal, side, limit, tokens, lastToken, firings, maxUnmeasuredShare, maxGapNats, act);
    }

    private static void require(boolean holds, RuleKey key, String problem) {
        if (!holds) {
            throw new IllegalArgumentException("rule " + key.id() + ": " + problem);
        }
    }
}
