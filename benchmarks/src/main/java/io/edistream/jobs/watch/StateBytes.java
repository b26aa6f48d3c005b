package io.edistream.jobs.watch;

import io.edistream.signals.Catalogue;
import io.edistream.signals.EntropyKind;
import io.edistream.signals.Scoring;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.StateOutput;
import io.edistream.signals.Token;
import io.edistream.signals.monitor.MonitorListener;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import io.edistream.signals.rules.Decision;
import io.edistream.signals.rules.Judge;
import io.edistream.signals.rules.Rules;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.SplittableRandom;

/**
 * Size of the job's state. In the package of that state because it is nobody else's business; the benchmarks only want
 * to weigh it.
 */
public final class StateBytes {

    private static final int VOCABULARY = 172;
    private static final int CLASSES = 3;
    private static final int TRACKED = 2;
    private static final int TOKENS = 1000;
    private static final long NOW_MICROS = 1_767_225_600_000_000L;
    private static final long STEP_MICROS = 5_000;

    private StateBytes() {}

    /**
     * Bytes of a sequence after 1,000 tokens, when all windows are full, as it is stored.
     *
     * @param rules asked of every token
     */
    public static int ofLive(Scoring scoring, Rules rules) {
        Catalogue catalogue = SequenceState.catalogue(scoring);
        Judge judge = new Judge(rules, catalogue);
        SequenceInfo info = new SequenceInfo(
                100_000,
                "reasoner-s",
                "default",
                "",
                EntropyKind.RAW_EXACT,
                VOCABULARY,
                TokenCheck.maxEntropyNats(VOCABULARY),
                CLASSES,
                0);
        SequenceMonitor monitor = new SequenceMonitor(catalogue, info, TRACKED);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < TOKENS; i++) {
            Token token = new Token(
                    (float) random.nextDouble(4),
                    Token.UNMEASURED,
                    (float) -random.nextDouble(3),
                    (float) random.nextDouble(12),
                    i % CLASSES);
            monitor.add(i, token, NOW_MICROS + i * STEP_MICROS, judge, new Silent());
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            new SequenceState(catalogue, monitor, NOW_MICROS + TOKENS * STEP_MICROS)
                    .write(new StateOutput(new DataOutputStream(out)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.size();
    }

    private static final class Silent implements MonitorListener {
        @Override
        public void onSpike(
                int token, SpikeListener.Kind kind, double entropyNats, double baselineNats, double thresholdNats) {}

        @Override
        public void onDecision(Decision decision) {}
    }
}
