package io.edistream.signals.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.signals.Catalogue;
import io.edistream.signals.EntropyKind;
import io.edistream.signals.Scoring;
import io.edistream.signals.Sequences;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import io.edistream.signals.Token;
import io.edistream.signals.batch.BatchScores;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.Decision;
import io.edistream.signals.rules.Judge;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Rules.Setting;
import io.edistream.signals.rules.Threshold;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequenceMonitorTest {

    private static final Catalogue CATALOGUE = new Catalogue(Scoring.DEFAULT.withTrackedClass("result"));
    private static final int RESULT = 1;
    private static final EntropyKind BOUNDED = EntropyKind.parse("raw-bounded-20");
    private static final LimitScope SCOPE =
            new LimitScope(Set.of("reasoner-s"), Set.of(), Set.of(EntropyKind.RAW_EXACT, BOUNDED));
    private static final SequenceInfo ROOT = root(EntropyKind.RAW_EXACT);
    private static final Judge NONE = new Judge(Rules.NONE, CATALOGUE);
    private static final Threshold ABORT = above("abort", "sequence_entropy", 10, new Act.Abort(true));
    private static final Threshold BRANCH =
            above("branch", Threshold.NEWEST_ENTROPY, 2, new Act.Branch(2, 4)).atMost(2);
    private static final Judge JUDGE = judge(new Setting(ABORT, Mode.ARMED), new Setting(BRANCH, Mode.SHADOW));
    private static final Token NOTHING =
            new Token(Token.UNMEASURED, Token.UNMEASURED, Token.UNMEASURED, Token.UNMEASURED, 0);

    private final Recorder recorder = new Recorder();

    private static SequenceInfo root(EntropyKind kind) {
        return new SequenceInfo(7, "reasoner-s", "default", "", kind, 172, 5.2, 3, 0);
    }

    private static Threshold above(String rule, String signal, double limit, Act act) {
        return Threshold.above(new RuleKey(rule, 1), SCOPE, signal, limit, act);
    }

    private static Judge judge(Setting... settings) {
        return new Judge(new Rules(List.of(settings)), CATALOGUE);
    }

    private static SequenceMonitor monitor() {
        return new SequenceMonitor(CATALOGUE, ROOT, RESULT);
    }

    @Test
    void countsWhatCameWhatDidNotAndWhatNobodyMeasured() {
        SequenceMonitor monitor = monitor();
        assertThat(monitor.unmeasuredShare()).isZero();
        monitor.add(0, Token.ofEntropy(1), 100, NONE, recorder);
        monitor.add(4, Token.ofEntropy(1), 200, NONE, recorder);
        monitor.add(5, NOTHING, 300, NONE, recorder);
        monitor.addUnmeasured(6, 2, 400);
        monitor.addUnmeasured(9, 1, 500);

        assertThat(monitor.nextToken()).isEqualTo(10);
        assertThat(monitor.missing()).isEqualTo(4);
        assertThat(monitor.tokens()).isEqualTo(6);
        assertThat(monitor.unmeasured()).isEqualTo(4);
        assertThat(monitor.unmeasuredShare()).isEqualTo(0.8);
        assertThat(monitor.lastDecodedAtMicros()).isEqualTo(500);
        assertThat(monitor.signals().scores()).containsEntry("sequence_entropy", 2.0);
    }

    @Test
    void refusesATokenThatItHas() {
        SequenceMonitor monitor = monitor();
        monitor.add(3, Token.ofEntropy(1), 100, NONE, recorder);
        String message = "token index 3: must be at least 4, earlier ones were taken";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> monitor.add(3, Token.ofEntropy(1), 200, NONE, recorder))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> monitor.addUnmeasured(3, 5, 200))
                .withMessage(message);
        assertThat(monitor.nextToken()).isEqualTo(4);
        assertThat(monitor.missing()).isEqualTo(3);
        assertThat(monitor.lastDecodedAtMicros()).isEqualTo(100);
    }

    @Test
    void asksTheRulesAndCountsDecisions() {
        SequenceMonitor monitor = monitor();
        for (int i = 0; i < 6; i++) {
            monitor.add(i, Token.ofEntropy(3), 100 + i, JUDGE, recorder);
        }
        assertThat(recorder.decisions).containsExactly("branch:1 at 0 of 100 shadow", "abort:1 at 3 of 103 armed");
        assertThat(monitor.decisions()).isEqualTo(2);
        assertThat(monitor.decisionsAreCut()).isFalse();
    }

    @Test
    void scoresTheTokensSharedWithItsParentButDoesNotActOnThem() {
        SequenceInfo child = new SequenceInfo(7, "reasoner-s", "default", "", EntropyKind.RAW_EXACT, 172, 5.2, 3, 3);
        SequenceMonitor monitor = new SequenceMonitor(CATALOGUE, child, RESULT);
        monitor.add(0, Token.ofEntropy(0), 0, JUDGE, recorder);
        monitor.add(1, Token.ofEntropy(3), 0, JUDGE, recorder);
        monitor.add(2, Token.ofEntropy(3), 0, JUDGE, recorder);
        assertThat(recorder.decisions).isEmpty();
        assertThat(recorder.spikes).isEmpty();
        assertThat(monitor.signals().scores()).containsEntry("rebound", 2.0);

        monitor.add(3, Token.ofEntropy(3), 0, JUDGE, recorder);
        assertThat(recorder.decisions).containsExactly("branch:1 at 3 of 0 shadow");
        assertThat(recorder.spikes).containsExactly("REBOUND at 3");
    }

    @Test
    void aLimitForOneRouteShadowsOnAnother() {
        Threshold rule = above("r", Threshold.NEWEST_ENTROPY, 2, new Act.Prune());
        for (String route : List.of("default", "other")) {
            LimitScope scope = new LimitScope(Set.of("reasoner-s"), Set.of(route), Set.of(EntropyKind.RAW_EXACT));
            Threshold onRoute = Threshold.above(rule.key(), scope, rule.signal(), rule.limit(), rule.act());
            monitor().add(0, Token.ofEntropy(3), 0, judge(new Setting(onRoute, Mode.ARMED)), recorder);
        }
        assertThat(recorder.decisions).containsExactly("r:1 at 0 of 0 armed", "r:1 at 0 of 0 shadow");
    }

    /** 1 - 7/10 is a little more than .3 in binary; 3/10 is not. */
    @Test
    void aRuleMayActWhileTheUnmeasuredShareIsAtItsBound() {
        Threshold rule = new Threshold(
                new RuleKey("r", 1),
                SCOPE,
                "sequence_entropy",
                Threshold.Side.ABOVE,
                6.5,
                0,
                Threshold.ANY_TOKEN,
                1,
                0.3,
                Double.NaN,
                new Act.Abort(true));
        for (int missing = 3; missing <= 4; missing++) {
            SequenceMonitor monitor = monitor();
            for (int i = 0; i < 7; i++) {
                monitor.add(missing + i, Token.ofEntropy(1), 0, judge(new Setting(rule, Mode.ARMED)), recorder);
            }
        }
        assertThat(recorder.decisions).containsExactly("r:1 at 9 of 0 armed", "r:1 at 10 of 0 shadow");
    }

    /** How the tokens are cut into records must not change what is decided. */
    @Test
    void whollyUnmeasuredTokensLeadToNothingInWhicheverWayTheyCome() {
        Judge judge = judge(new Setting(above("r", "edis", -1, new Act.Prune()), Mode.SHADOW));
        SequenceMonitor oneByOne = monitor();
        SequenceMonitor atOnce = monitor();
        Recorder other = new Recorder();
        oneByOne.add(0, Token.ofEntropy(5), 0, NONE, recorder);
        atOnce.add(0, Token.ofEntropy(5), 0, NONE, other);
        for (int i = 1; i <= 20; i++) {
            oneByOne.add(i, NOTHING, i, judge, recorder);
        }
        atOnce.addUnmeasured(1, 20, 20);
        assertThat(recorder.decisions).isEmpty();
        oneByOne.add(21, Token.ofEntropy(1), 21, judge, recorder);
        atOnce.add(21, Token.ofEntropy(1), 21, judge, other);
        assertThat(recorder.decisions).isEqualTo(other.decisions).containsExactly("r:1 at 21 of 21 shadow");
    }

    @Test
    void aTokenOfWhichOneValueWasMeasuredIsAskedAbout() {
        Token logprob = new Token(Token.UNMEASURED, Token.UNMEASURED, -1, Token.UNMEASURED, 0);
        Token confidence = new Token(Token.UNMEASURED, Token.UNMEASURED, Token.UNMEASURED, 5, 0);
        monitor()
                .add(
                        0,
                        logprob,
                        0,
                        judge(new Setting(above("p", "perplexity", 0, new Act.Prune()), Mode.SHADOW)),
                        recorder);
        monitor()
                .add(
                        0,
                        confidence,
                        0,
                        judge(new Setting(above("c", "token_confidence", 0, new Act.Prune()), Mode.SHADOW)),
                        recorder);
        assertThat(recorder.decisions).containsExactly("p:1 at 0 of 0 shadow", "c:1 at 0 of 0 shadow");
    }

    @Test
    void oneEntropyWithoutAnUpperBoundLeavesTheGapUnknown() throws IOException {
        SequenceMonitor monitor = new SequenceMonitor(CATALOGUE, root(BOUNDED), RESULT);
        monitor.add(0, new Token(1, 1.5, -1, 3, 0), 0, NONE, recorder);
        monitor.add(1, NOTHING, 0, NONE, recorder);
        monitor.addUnmeasured(2, 1, 0);
        assertThat(monitor.gapIsKnown()).isTrue();
        assertThat(restored(monitor).gapIsKnown()).isTrue();
        monitor.add(3, Token.ofEntropy(1), 0, NONE, recorder);
        monitor.add(4, new Token(1, 1.5, -1, 3, 0), 0, NONE, recorder);
        assertThat(monitor.gapIsKnown()).isFalse();
        assertThat(restored(monitor).gapIsKnown()).isFalse();
    }

    @Test
    void spikesBeyondTheBoundAreNotToldButCountInTheScores() throws IOException {
        SequenceMonitor monitor = monitor();
        int index = 0;
        // Every token after the first is a rebound, and one is a burst too.
        monitor.add(index++, Token.ofEntropy(0), 0, NONE, recorder);
        while (recorder.spikes.size() < SequenceMonitor.MAX_SPIKES) {
            monitor.add(index++, Token.ofEntropy(3), 0, NONE, recorder);
        }
        assertThat(recorder.spikes).hasSize(SequenceMonitor.MAX_SPIKES);
        assertThat(monitor.spikesAreCut()).isFalse();
        assertThat(restored(monitor).spikesAreCut()).isFalse();

        monitor.add(index++, Token.ofEntropy(3), 0, NONE, recorder);
        assertThat(recorder.spikes).hasSize(SequenceMonitor.MAX_SPIKES);
        assertThat(monitor.spikesAreCut()).isTrue();
        assertThat(restored(monitor).spikesAreCut()).isTrue();
        assertThat(monitor.signals().scores()).containsEntry("rebound", index - 1.0);
    }

    @Test
    void decisionsBeyondTheBoundAreKeptBackAndMarked() throws IOException {
        Judge judge = judge(new Setting(
                above("b", Threshold.NEWEST_ENTROPY, 2, new Act.Start(1)).atMost(1_000), Mode.ARMED));
        SequenceMonitor monitor = monitor();
        for (int i = 0; i <= 2 * Judge.MAX_POINTS; i++) {
            assertThat(monitor.decisionsAreCut()).isFalse();
            monitor.add(i, Token.ofEntropy(i % 2 == 0 ? 3 : 0), 0, judge, recorder);
        }
        assertThat(recorder.decisions).hasSize(Judge.MAX_POINTS);
        assertThat(monitor.decisionsAreCut()).isTrue();
        assertThat(restored(monitor).decisionsAreCut()).isTrue();
    }

    /** Random tokens with holes and gaps, exact and bounded entropies, rules of both sorts. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void restoredBeforeEveryTokenItDecidesAndScoresTheSame(long seed) throws IOException {
        Judge judge = judge(
                new Setting(ABORT, Mode.ARMED),
                new Setting(BRANCH, Mode.ARMED),
                new Setting(above("mean", "mean_entropy", 0.5, new Act.Prune()), Mode.SHADOW),
                new Setting(
                        above("class", "class_result.spike_count", 3, new Act.Start(1))
                                .from(20),
                        Mode.ARMED));
        List<Token> tokens = Sequences.withHoles(seed, 400, seed % 3 * 0.1);
        SequenceInfo info = root(seed % 2 == 0 ? EntropyKind.RAW_EXACT : BOUNDED);
        Random random = new Random(seed);
        SequenceMonitor uninterrupted = new SequenceMonitor(CATALOGUE, info, RESULT);
        SequenceMonitor interrupted = new SequenceMonitor(CATALOGUE, info, RESULT);
        Recorder other = new Recorder();
        int index = 0;
        for (Token token : tokens) {
            index += random.nextInt(10) == 0 ? 2 : 1;
            uninterrupted.add(index, token, 10L * index, judge, recorder);
            interrupted = restored(interrupted);
            interrupted.add(index, token, 10L * index, judge, other);
        }
        assertThat(other.decisions).isEqualTo(recorder.decisions).isNotEmpty();
        assertThat(other.spikes).isEqualTo(recorder.spikes).isNotEmpty();
        assertThat(stored(interrupted)).isEqualTo(stored(uninterrupted));
        assertThat(interrupted.missing()).isEqualTo(uninterrupted.missing()).isPositive();
        assertThat(interrupted.lastDecodedAtMicros()).isEqualTo(10L * index);
        assertThat(interrupted.signals().scores())
                .isEqualTo(uninterrupted.signals().scores())
                .isEqualTo(BatchScores.of(tokens, CATALOGUE.scoring(), RESULT));
    }

    private static byte[] stored(SequenceMonitor monitor) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        monitor.write(new StateOutput(new DataOutputStream(bytes)));
        return bytes.toByteArray();
    }

    private static SequenceMonitor restored(SequenceMonitor monitor) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(stored(monitor)));
        SequenceMonitor restored = SequenceMonitor.read(CATALOGUE, monitor.info(), new StateInput(in));
        assertThat(in.read()).isNegative();
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
        public void onDecision(Decision decision) {
            decisions.add(decision.rule().key() + " at " + decision.atToken() + " of " + decision.decodedAtMicros()
                    + (decision.armed() ? " armed" : " shadow"));
        }
    }
}
