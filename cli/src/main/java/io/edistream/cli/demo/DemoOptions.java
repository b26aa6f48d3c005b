package io.edistream.cli.demo;

import io.edistream.generator.decode.DecodeOptions;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Rules.Setting;
import io.edistream.signals.rules.Threshold;
import java.util.List;

/**
 * What a run of the demo is asked to do.
 *
 * @param problems problems to ask, 1 to {@value #MAX_PROBLEMS}
 * @param samples sequences per problem before any branch, 1 to {@value #MAX_SAMPLES}
 * @param seed of the problems and of the sampling
 * @param temperature sampling temperature, 0 to 2
 * @param abortLimit running EDIS above which a sequence is aborted
 * @param branchLimitNats entropy above which a sequence is branched
 */
record DemoOptions(
        int problems, int samples, long seed, double temperature, double abortLimit, double branchLimitNats) {

    static final int MAX_PROBLEMS = 10_000;
    static final int MAX_SAMPLES = 64;

    static final double MAX_TEMPERATURE = 2;

    /** The model that the limits below were measured on; {@code models/README.md} has the figures. */
    static final String MODEL = "reasoner-s";

    static final double DEFAULT_ABORT_LIMIT = 11;
    static final double DEFAULT_BRANCH_LIMIT_NATS = 1;

    /**
     * The paper's thresholds were measured on a model of 1.5 billion parameters; these were chosen for the shipped ones,
     * whose entropies are lower. The class that is tracked are the digits of results.
     */
    static final Scoring SCORING = new Scoring(8, 1, 0.5, "result");

    private static final int MIN_TOKENS_BEFORE_ABORT = 16;
    private static final int BRANCH_WIDTH = 1;
    private static final int BRANCHES_PER_SEQUENCE = 1;
    private static final int LEAVES_PER_SAMPLE = 2;

    DemoOptions {
        requireWithin("--problems", problems, 1, MAX_PROBLEMS);
        requireWithin("--samples", samples, 1, MAX_SAMPLES);
        if (!(temperature >= 0 && temperature <= MAX_TEMPERATURE)) {
            throw new IllegalArgumentException("--temperature " + temperature + ": must be 0 to " + MAX_TEMPERATURE);
        }
        requireNotNegative("--abort-limit", abortLimit);
        requireNotNegative("--branch-limit", branchLimitNats);
    }

    /** As many problems as can be decoded with all the branches that they may have, at least 1. */
    int problemsAtATime() {
        int leaves = samples * LEAVES_PER_SAMPLE;
        return Math.max(1, DecodeOptions.defaults().maxLiveSequences() / leaves);
    }

    /** How sequences are scored and what is done about it. */
    WatchSettings watch() {
        LimitScope scope = LimitScope.ofModels(MODEL);
        Threshold abort = Threshold.above(
                        new RuleKey("abort-on-edis", 1), scope, "edis", abortLimit, new Act.Abort(true))
                .from(MIN_TOKENS_BEFORE_ABORT);
        Threshold branch = Threshold.above(
                        new RuleKey("branch-on-entropy", 1),
                        scope,
                        Threshold.NEWEST_ENTROPY,
                        branchLimitNats,
                        new Act.Branch(BRANCH_WIDTH, samples * LEAVES_PER_SAMPLE))
                .atMost(BRANCHES_PER_SEQUENCE);
        return WatchSettings.of(
                SCORING, new Rules(List.of(new Setting(abort, Mode.ARMED), new Setting(branch, Mode.ARMED))));
    }

    private static void requireWithin(String option, int value, int lowest, int highest) {
        if (value < lowest || value > highest) {
            throw new IllegalArgumentException(option + " " + value + ": must be " + lowest + " to " + highest);
        }
    }

    private static void requireNotNegative(String option, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(option + " " + value + ": must be finite and at least 0");
        }
    }
}
