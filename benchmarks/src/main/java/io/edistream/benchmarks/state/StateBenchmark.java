package io.edistream.benchmarks.state;

import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.TwoRules;
import io.edistream.jobs.watch.StateBytes;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Rules;
import java.util.List;

/** Bytes that a live sequence takes in a checkpoint, without its key. */
public final class StateBenchmark {

    private static final double MAX_BYTES = 320;
    private static final double FIRES = 0.5;
    private static final String EXACT = "none: a function of the tokens";
    private static final Scoring TRACKED = Scoring.DEFAULT.withTrackedClass("result");

    private StateBenchmark() {}

    /** The table. */
    public static List<Row> run() {
        Rules fired = TwoRules.withLimits(FIRES, FIRES);
        return List.of(
                Row.held("live sequence", bytes(Scoring.DEFAULT, Rules.NONE), "bytes", MAX_BYTES, EXACT),
                Row.told("live sequence, two rules that fired", bytes(Scoring.DEFAULT, fired), "bytes", EXACT),
                Row.told("live sequence, tracked class", bytes(TRACKED, Rules.NONE), "bytes", EXACT),
                Row.told("live sequence, tracked class, two rules that fired", bytes(TRACKED, fired), "bytes", EXACT));
    }

    private static double bytes(Scoring scoring, Rules rules) {
        return StateBytes.ofLive(scoring, rules);
    }
}
