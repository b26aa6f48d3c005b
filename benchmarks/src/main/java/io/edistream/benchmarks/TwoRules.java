package io.edistream.benchmarks;

import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Rules.Setting;
import io.edistream.signals.rules.Threshold;
import java.util.List;

/** The rules that the job's command line offers, both armed: one on EDIS, one on the entropy of each token. */
public final class TwoRules {

    private static final double NEVER = 1_000;
    private static final int LEAVES = 8;

    private TwoRules() {}

    /** Rules that are asked at every token and whose limits no traffic reaches. */
    public static Rules thatNeverFire() {
        return withLimits(NEVER, NEVER);
    }

    /**
     * The rules.
     *
     * @param edis limit of the first
     * @param nats limit of the second
     */
    public static Rules withLimits(double edis, double nats) {
        LimitScope scope = LimitScope.ofModels(Traffic.MODEL);
        return new Rules(List.of(
                new Setting(
                        Threshold.above(new RuleKey("abort-above", 1), scope, "edis", edis, new Act.Abort(true)),
                        Mode.ARMED),
                new Setting(
                        Threshold.above(
                                new RuleKey("branch-above", 1),
                                scope,
                                Threshold.NEWEST_ENTROPY,
                                nats,
                                new Act.Branch(2, LEAVES)),
                        Mode.ARMED)));
    }
}
