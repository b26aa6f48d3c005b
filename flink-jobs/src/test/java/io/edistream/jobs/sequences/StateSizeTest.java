package io.edistream.jobs.sequences;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches;
import io.edistream.jobs.sequences.SequenceState.Finished;
import io.edistream.jobs.sequences.SequenceState.Live;
import io.edistream.signals.SignalOptions;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.Token;
import io.edistream.signals.monitor.MonitorListener;
import io.edistream.signals.monitor.Policy;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import io.edistream.signals.rules.Decision;
import java.io.IOException;
import java.util.List;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

/** State per sequence is what limits how many run at once. */
class StateSizeTest {

    private static final int MAX_BYTES = 512;
    private static final int MAX_BYTES_WHEN_ENDED = 16;
    private static final int TOKENS = 5_000;

    @Test
    void aLongSequenceWithEverySignalTwiceFitsIn512Bytes() throws Exception {
        Policy policy = new Policy(SignalOptions.DEFAULT.withTrackedClass(1), List.of());
        SequenceMonitor monitor = new SequenceMonitor(
                policy, new SequenceInfo(1_000_000, "reasoner-s", "default", 1, TokenCheck.maxEntropy(151_936), 0));
        List<io.edistream.schemas.Token> tokens = Batches.random(1, TOKENS);
        for (int i = 0; i < TOKENS; i++) {
            io.edistream.schemas.Token token = tokens.get(i);
            monitor.add(
                    i,
                    new Token(token.getEntropy(), token.getLogprob(), token.getConfidence(), token.getTokenClass()),
                    new Deaf());
        }

        Live live = new Live(monitor, 151_936, 3, 1_699_999_999_980_123L, 1_700_000_000_000L, 1_700_000_600_000L);
        assertThat(size(live, policy)).isLessThanOrEqualTo(MAX_BYTES);
    }

    @Test
    void anEndedSequenceIsTiny() throws Exception {
        Policy policy = new Policy(SignalOptions.DEFAULT, List.of());
        assertThat(size(new Finished(1_700_000_000_000L, 1_700_000_600_000L), policy))
                .isLessThanOrEqualTo(MAX_BYTES_WHEN_ENDED);
    }

    private static int size(SequenceState state, Policy policy) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(MAX_BYTES);
        new SequenceStateSerializer(List.of(policy)).serialize(state, out);
        return out.length();
    }

    private static final class Deaf implements MonitorListener {
        @Override
        public void onSpike(int token, SpikeListener.Kind kind, double entropy, double baseline, double threshold) {}

        @Override
        public void onDecision(Decision decision, boolean armed) {}
    }
}
