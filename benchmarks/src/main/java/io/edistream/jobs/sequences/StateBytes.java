package io.edistream.jobs.sequences;

import io.edistream.jobs.sequences.SequenceState.Live;
import io.edistream.signals.Scoring;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.Token;
import io.edistream.signals.monitor.MonitorListener;
import io.edistream.signals.monitor.Policy;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import io.edistream.signals.rules.Decision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Size of the operator's state. In the operator's package because its state is nobody else's business; the benchmarks
 * only want to weigh it.
 */
public final class StateBytes {

    private static final int VOCABULARY = 172;
    private static final int CLASSES = 3;
    private static final int TOKENS = 1000;
    private static final long NOW_MICROS = 1_767_225_600_000_000L;
    private static final long NOW_MILLIS = NOW_MICROS / 1000;

    private StateBytes() {}

    /**
     * Bytes of a sequence after 1,000 tokens, when all windows are full, as the operator's serializer writes it.
     *
     * @param tracked whether all signals run once more over a token class
     */
    public static int ofLive(boolean tracked) {
        Policy policy = new Policy(Scoring.DEFAULT.withTrackedClass(tracked ? "result" : Scoring.NO_CLASS), List.of());
        SequenceMonitor monitor = new SequenceMonitor(
                policy, new SequenceInfo(100_000, "reasoner-s", "default", 0, TokenCheck.maxEntropy(VOCABULARY), 0), 1);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < TOKENS; i++) {
            Token token = new Token(
                    (float) random.nextDouble(4),
                    Token.UNMEASURED,
                    (float) -random.nextDouble(3),
                    (float) random.nextDouble(12),
                    i % CLASSES);
            monitor.add(i, token, new Silent());
        }
        DataOutputSerializer out = new DataOutputSerializer(1024);
        try {
            new SequenceStateSerializer(List.of(policy))
                    .serialize(new Live(monitor, VOCABULARY, CLASSES, NOW_MICROS, NOW_MILLIS, NOW_MILLIS), out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.length();
    }

    private static final class Silent implements MonitorListener {
        @Override
        public void onSpike(
                int token, SpikeListener.Kind kind, double entropyNats, double baselineNats, double thresholdNats) {}

        @Override
        public void onDecision(Decision decision, boolean armed) {}
    }
}
