package io.edistream.signals.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import io.edistream.signals.Sequences;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import io.edistream.signals.Token;
import io.edistream.signals.batch.BatchScores;
import io.edistream.signals.monitor.SequenceMonitor.Verdict;
import io.edistream.signals.rules.AbortAbove;
import io.edistream.signals.rules.BranchAbove;
import io.edistream.signals.rules.Decision;
import io.edistream.signals.rules.RuleHeader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SequenceMonitorTest {

    private static final SequenceInfo ROOT = new SequenceInfo(7, "reasoner-s", "default", 1, 5.2, 0);
    private static final RuleHeader ABORT = new RuleHeader("abort", 1, true, Set.of("reasoner-s"));
    private static final RuleHeader BRANCH = new RuleHeader("branch", 3, false, Set.of("reasoner-s"));
    private static final Policy POLICY = new Policy(
            Scoring.DEFAULT.withTrackedClass("result"),
            List.of(new AbortAbove(ABORT, "sequence_entropy", 10, 0), new BranchAbove(BRANCH, 2, 2, 4, 2)));

    private final Recorder recorder = new Recorder();

    @Test
    void ignoresTokensThatItHasSeenAndCountsThoseItMissed() {
        SequenceMonitor monitor = new SequenceMonitor(POLICY, ROOT, 1);
        assertThat(monitor.add(0, Token.ofEntropy(1), recorder)).isEqualTo(Verdict.TAKEN);
        assertThat(monitor.add(0, Token.ofEntropy(9), recorder)).isEqualTo(Verdict.REPEATED);
        assertThat(monitor.add(4, Token.ofEntropy(1), recorder)).isEqualTo(Verdict.TAKEN_AFTER_GAP);
        assertThat(monitor.add(3, Token.ofEntropy(9), recorder)).isEqualTo(Verdict.REPEATED);
        assertThat(monitor.missingTokens()).isEqualTo(3);
        assertThat(monitor.nextToken()).isEqualTo(5);
        assertThat(monitor.signals().scores()).containsEntry("sequence_entropy", 2.0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> monitor.add(-1, Token.ofEntropy(1), recorder))
                .withMessageContaining("at least 0");
    }

    @Test
    void firesEachRuleAsOftenAsItMayAndSaysWhetherItIsArmed() {
        SequenceMonitor monitor = new SequenceMonitor(POLICY, ROOT, 1);
        for (int i = 0; i < 6; i++) {
            monitor.add(i, Token.ofEntropy(3), recorder);
        }
        assertThat(recorder.decisions)
                .containsExactly("branch v3 at 0 shadow", "branch v3 at 1 shadow", "abort v1 at 3 armed");
        assertThat(monitor.decisions()).isEqualTo(3);
    }

    @Test
    void scoresTheTokensSharedWithItsParentButDoesNotActOnThem() {
        SequenceInfo child = new SequenceInfo(7, "reasoner-s", "default", 1, 5.2, 3);
        SequenceMonitor monitor = new SequenceMonitor(POLICY, child, 1);
        monitor.add(0, Token.ofEntropy(0), recorder);
        monitor.add(1, Token.ofEntropy(3), recorder);
        assertThat(recorder.decisions).isEmpty();
        assertThat(recorder.spikes).isEmpty();
        assertThat(monitor.signals().scores()).containsEntry("rebound", 1.0);

        // Drawn from the distribution that the parent was judged by at the same index.
        monitor.add(2, Token.ofEntropy(3), recorder);
        assertThat(recorder.decisions).isEmpty();

        monitor.add(3, Token.ofEntropy(3), recorder);
        assertThat(recorder.decisions).containsExactly("branch v3 at 3 shadow");
        assertThat(recorder.spikes).containsExactly("REBOUND at 3");
    }

    @Test
    void restoredInTheMiddleItDecidesAndScoresTheSame() throws IOException {
        List<Token> tokens = Sequences.random(11, 200);
        SequenceMonitor uninterrupted = new SequenceMonitor(POLICY, ROOT, 1);
        SequenceMonitor interrupted = new SequenceMonitor(POLICY, ROOT, 1);
        Recorder other = new Recorder();
        for (int i = 0; i < tokens.size(); i++) {
            uninterrupted.add(i, tokens.get(i), recorder);
            interrupted = restored(interrupted);
            interrupted.add(i, tokens.get(i), other);
        }
        assertThat(other.decisions).isEqualTo(recorder.decisions).isNotEmpty();
        assertThat(other.spikes).isEqualTo(recorder.spikes).isNotEmpty();
        assertThat(interrupted.signals().scores())
                .isEqualTo(uninterrupted.signals().scores())
                .isEqualTo(BatchScores.of(tokens, POLICY.scoring(), 1));
    }

    @Test
    void aPolicyIsReadAsItWasWritten() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PolicyCodec.write(POLICY, new DataOutputStream(bytes));
        Policy read = PolicyCodec.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        assertThat(read).isEqualTo(POLICY).hasSameHashCodeAs(POLICY);
    }

    @Test
    void aRuleOfALaterReleaseIsNamedAndNotGuessed() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        Scoring.DEFAULT.write(out);
        out.writeInt(1);
        out.writeByte(99);
        assertThatThrownBy(() -> PolicyCodec.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("unknown kind 99");
    }

    @Test
    void aPolicyRefusesRulesThatItCannotAsk() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Policy(Scoring.DEFAULT, List.of(new AbortAbove(ABORT, "class_1.edis", 1, 0))))
                .withMessageContaining("signal 'class_1.edis': must be one of");
        AbortAbove rule = new AbortAbove(ABORT, "edis", 1, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Policy(Scoring.DEFAULT, List.of(rule, rule)))
                .withMessageContaining("same id");
    }

    private static SequenceMonitor restored(SequenceMonitor monitor) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        monitor.write(new StateOutput(new DataOutputStream(bytes)));
        SequenceMonitor restored = new SequenceMonitor(monitor.policy(), monitor.info(), Catalogue.NO_CLASS);
        restored.read(new StateInput(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()))));
        return restored;
    }

    private static final class Recorder implements MonitorListener {
        private final List<String> spikes = new ArrayList<>();
        private final List<String> decisions = new ArrayList<>();

        @Override
        public void onSpike(
                int token, SpikeListener.Kind kind, double entropyNats, double baselineNats, double thresholdNats) {
            spikes.add(kind + " at " + token);
        }

        @Override
        public void onDecision(Decision decision, boolean armed) {
            decisions.add(decision.rule().id() + " v" + decision.rule().version() + " at " + decision.decidedAtToken()
                    + (armed ? " armed" : " shadow"));
        }
    }
}
