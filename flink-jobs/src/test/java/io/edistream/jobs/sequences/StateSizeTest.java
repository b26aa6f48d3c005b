package io.edistream.jobs.sequences;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches;
import io.edistream.jobs.sequences.SequenceState.Finished;
import io.edistream.jobs.sequences.SequenceState.Live;
import io.edistream.signals.Burst;
import io.edistream.signals.Scoring;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.Token;
import io.edistream.signals.monitor.MonitorListener;
import io.edistream.signals.monitor.Policy;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import io.edistream.signals.rules.AbortAbove;
import io.edistream.signals.rules.BranchAbove;
import io.edistream.signals.rules.Decision;
import io.edistream.signals.rules.Rule;
import io.edistream.signals.rules.RuleHeader;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** State per sequence is what limits how many run at once. {@code deploy/README.md} names these bounds. */
class StateSizeTest {

    private static final int MAX_BYTES_WHEN_ENDED = 16;
    private static final int TOKENS = 16_000;

    private static final Scoring LARGEST = new Scoring(Burst.MAX_WINDOW_TOKENS, 1.36, 1.33, "result");
    private static final RuleHeader HEADER = new RuleHeader("rule", 1, false, Set.of());
    private static final List<Rule> RULES = List.of(
            new AbortAbove(HEADER, "edis", 0, 0),
            new BranchAbove(new RuleHeader("other-rule", 1, false, Set.of()), 0, 2, 8, Integer.MAX_VALUE));

    static Stream<Arguments> bounds() {
        return Stream.of(
                Arguments.of(Named.of("defaults", new Policy(Scoring.DEFAULT, List.of())), 300),
                Arguments.of(
                        Named.of(
                                "defaults and a tracked class",
                                new Policy(Scoring.DEFAULT.withTrackedClass("result"), List.of())),
                        528),
                Arguments.of(Named.of("largest options", new Policy(LARGEST, RULES)), 1024));
    }

    @ParameterizedTest
    @MethodSource("bounds")
    void aLongSequenceFits(Policy policy, int maxBytes) throws Exception {
        SequenceMonitor monitor = new SequenceMonitor(
                policy,
                new SequenceInfo(1_000_000, "reasoner-s", "default", 1, TokenCheck.maxEntropy(151_936), 0),
                Token.MAX_CLASS);
        List<io.edistream.schemas.Token> tokens = Batches.random(1, TOKENS);
        for (int i = 0; i < TOKENS; i++) {
            io.edistream.schemas.Token token = tokens.get(i);
            int tokenClass = token.getTokenClass() == 1 ? Token.MAX_CLASS : 0;
            monitor.add(
                    i,
                    new Token(
                            token.getEntropy(),
                            io.edistream.signals.Token.UNMEASURED,
                            token.getLogprob(),
                            token.getConfidence(),
                            tokenClass),
                    new Deaf());
        }

        Live live = new Live(monitor, 151_936, 128, 1_699_999_999_980_123L, 1_700_000_000_000L, 1_700_000_600_000L);
        assertThat(size(live, policy)).isLessThanOrEqualTo(maxBytes);
    }

    @Test
    void anEndedSequenceIsTiny() throws Exception {
        Policy policy = new Policy(Scoring.DEFAULT, List.of());
        assertThat(size(new Finished(1_700_000_000_000L, 1_700_000_600_000L), policy))
                .isLessThanOrEqualTo(MAX_BYTES_WHEN_ENDED);
    }

    private static int size(SequenceState state, Policy policy) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(512);
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
