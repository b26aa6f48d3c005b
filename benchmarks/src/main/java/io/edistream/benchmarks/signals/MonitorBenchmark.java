package io.edistream.benchmarks.signals;

import io.edistream.signals.Catalogue;
import io.edistream.signals.EntropyKind;
import io.edistream.signals.Scoring;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.Token;
import io.edistream.signals.monitor.MonitorListener;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import io.edistream.signals.rules.Decision;
import io.edistream.signals.rules.Judge;
import io.edistream.signals.rules.Rules;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A monitor with the whole catalogue and no rule takes in a sequence, and its final scores are read. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MonitorBenchmark {

    /** Tokens of the sequence. */
    static final int TOKENS = 150;

    private static final int CLASSES = 3;
    private static final int TRACKED = 2;

    /** Whether all signals run once more over the tokens of one class. */
    @Param({"false", "true"})
    private boolean tracked;

    private Token[] tokens = {};
    private Catalogue catalogue = new Catalogue(Scoring.DEFAULT);
    private Judge judge = new Judge(Rules.NONE, catalogue);
    private final SequenceInfo info =
            new SequenceInfo(0, "reasoner-s", "default", "", EntropyKind.RAW_EXACT, 172, Math.log(172), CLASSES, 0);
    private final Spikes spikes = new Spikes();

    /** Draws the tokens. */
    @Setup
    public void prepare() {
        catalogue = new Catalogue(Scoring.DEFAULT.withTrackedClass(tracked ? "result" : Scoring.NO_CLASS));
        judge = new Judge(Rules.NONE, catalogue);
        SplittableRandom random = new SplittableRandom(1);
        tokens = new Token[TOKENS];
        for (int i = 0; i < TOKENS; i++) {
            double entropy = random.nextDouble(random.nextInt(16) == 0 ? 2.5 : 0.1);
            tokens[i] = new Token(
                    entropy, Token.UNMEASURED, -random.nextDouble(3), random.nextDouble(12), random.nextInt(CLASSES));
        }
    }

    /** One sequence from start to end. */
    @Benchmark
    @OperationsPerInvocation(TOKENS)
    public Object sequence() {
        SequenceMonitor monitor = new SequenceMonitor(catalogue, info, TRACKED);
        for (int i = 0; i < TOKENS; i++) {
            monitor.add(i, tokens[i], i, judge, spikes);
        }
        return monitor.signals().scores();
    }

    /** Counts spikes, so that nothing can be left out. */
    private static final class Spikes implements MonitorListener {
        private long count;

        @Override
        public void onSpike(
                int token, SpikeListener.Kind kind, double entropyNats, double baselineNats, double thresholdNats) {
            count++;
        }

        @Override
        public void onDecision(Decision decision) {
            throw new IllegalStateException("there is no rule that could decide after " + count + " spikes");
        }
    }
}
