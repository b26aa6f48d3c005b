package io.edistream.signals.rules;

import static io.edistream.signals.rules.JudgedSequence.CATALOGUE;
import static io.edistream.signals.rules.JudgedSequence.SCOPE;
import static io.edistream.signals.rules.JudgedSequence.decided;
import static io.edistream.signals.rules.JudgedSequence.judge;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import io.edistream.signals.Token;
import io.edistream.signals.rules.Rules.Setting;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JudgeTest {

    private static final Act ABORT = new Act.Abort(true);
    private static final Act BRANCH = new Act.Branch(2, 0);

    static Stream<Act> endings() {
        return Stream.of(ABORT, new Act.Prune(), new Act.Conclude(""), new Act.Reroute("large", false));
    }

    static Stream<Act> others() {
        return Stream.of(BRANCH, new Act.Start(2), new Act.SetSampling(Map.of("temperature", 0.5)));
    }

    private static Threshold entropyAbove(String id, double limit, Act act) {
        return Threshold.above(new RuleKey(id, 1), SCOPE, Threshold.NEWEST_ENTROPY, limit, act);
    }

    private static Threshold signalAbove(String signal, double limit) {
        return Threshold.above(new RuleKey("r", 1), SCOPE, signal, limit, ABORT);
    }

    @Test
    void firesWhereTheLimitIsExceededAndNotWhereItIsReached() {
        Judge judge = judge(signalAbove("sequence_entropy", 3), Mode.ARMED);
        JudgedSequence sequence = new JudgedSequence().add(judge, 1).add(judge, 2);
        assertThat(sequence.decisions).isEmpty();

        sequence.add(judge, 0.5);
        assertThat(sequence.decisions).containsExactly(decided("r", 2, 2, "armed"));
        assertThat(sequence.whole.get(0).reason()).isEqualTo("sequence_entropy 3.500 above 3.000 after 3 tokens");
    }

    @Test
    void belowALimitItIsTheSame() {
        Threshold above = entropyAbove("r", 1, ABORT);
        Threshold below = new Threshold(
                above.key(),
                SCOPE,
                above.signal(),
                Threshold.Side.BELOW,
                1,
                0,
                Threshold.ANY_TOKEN,
                1,
                0.1,
                Double.NaN,
                ABORT);
        Judge judge = judge(below, Mode.ARMED);
        JudgedSequence sequence = new JudgedSequence().add(judge, 1.5).add(judge, 1);
        assertThat(sequence.decisions).isEmpty();

        sequence.add(judge, 0.875);
        assertThat(sequence.decisions).containsExactly(decided("r", 2, 2, "armed"));
        assertThat(sequence.whole.get(0).reason()).isEqualTo("entropy 0.8750 below 1.000 nats at token 2");
    }

    @Test
    void theMinimumCountsMeasuredTokens() {
        Judge judge = judge(signalAbove("mean_entropy", 1).from(3), Mode.ARMED);
        JudgedSequence sequence = new JudgedSequence()
                .add(judge, 5)
                .add(judge, Token.UNMEASURED)
                .add(judge, Token.UNMEASURED)
                .add(judge, 5);
        assertThat(sequence.decisions).isEmpty();
        sequence.add(judge, 5);
        assertThat(sequence.decisions).containsExactly(decided("r", 4, 4, "armed"));
    }

    @Test
    void aSignalWithoutAValueNeverFires() {
        Judge perplexity = judge(signalAbove("perplexity", 0), Mode.ARMED);
        assertThat(new JudgedSequence().add(perplexity, 5).decisions).isEmpty();

        // The sum leaves the range of numbers with the second token.
        Judge sum = judge(signalAbove("sequence_entropy", 0).from(2), Mode.ARMED);
        assertThat(new JudgedSequence().add(sum, Double.MAX_VALUE).add(sum, Double.MAX_VALUE).decisions)
                .isEmpty();

        Judge newest = judge(entropyAbove("r", 0, ABORT), Mode.ARMED);
        assertThat(new JudgedSequence().add(newest, Token.UNMEASURED).decisions).isEmpty();
    }

    @Test
    void aSignalOfATokenClassIsAskedByTheNameOfTheClass() {
        Catalogue tracking = new Catalogue(Scoring.DEFAULT.withTrackedClass("result"));
        Judge judge = new Judge(Rules.of(signalAbove("class_result.sequence_entropy", 1), Mode.ARMED), tracking);
        Token digit = new Token(2, Token.UNMEASURED, -1, 3, 4);
        Token other = new Token(9, Token.UNMEASURED, -1, 3, 1);

        JudgedSequence sequence = new JudgedSequence(tracking.start(4)).add(judge, other);
        assertThat(sequence.decisions).isEmpty();
        assertThat(sequence.add(judge, digit).decisions).containsExactly(decided("r", 1, 1, "armed"));

        JudgedSequence without = new JudgedSequence(tracking.start(Catalogue.NO_CLASS));
        assertThat(without.add(judge, digit).decisions).isEmpty();
    }

    @Test
    void aRuleOnASignalThatIsNotThereIsRefusedUnlessTheSequencesAreOfAnotherScoring() {
        Setting onClass = new Setting(signalAbove("class_result.edis", 0), Mode.ARMED);
        Setting onMean = new Setting(Threshold.above(new RuleKey("m", 1), SCOPE, "mean_entropy", 0, ABORT), Mode.ARMED);
        Setting onNewest = new Setting(entropyAbove("n", 0, ABORT), Mode.ARMED);
        Rules rules = new Rules(List.of(onClass, onMean, onNewest));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Judge(rules, CATALOGUE))
                .withMessageContaining("signal 'class_result.edis': must be one of");

        JudgedSequence sequence = new JudgedSequence().add(Judge.ofKnownSignals(rules, CATALOGUE), 5);
        assertThat(sequence.decisions).containsExactly(decided("m", 0, 0, "armed"), decided("n", 0, 0, "armed"));
        assertThat(Judge.ofKnownSignals(new Rules(List.of(onClass)), CATALOGUE).asksAnything())
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("endings")
    void anEndingIsRepeatedAtGrowingDistancesAndNamesTheFirstToken(Act act) {
        Judge judge = judge(entropyAbove("r", 1, act), Mode.ARMED);
        JudgedSequence sequence = new JudgedSequence();
        for (int i = 0; i < 300; i++) {
            sequence.add(judge, i < 3 ? 0 : 2);
        }
        assertThat(sequence.decisions)
                .containsExactly(
                        decided("r", 3, 3, "armed"),
                        decided("r", 3, 19, "armed"),
                        decided("r", 3, 35, "armed"),
                        decided("r", 3, 67, "armed"),
                        decided("r", 3, 131, "armed"),
                        decided("r", 3, 259, "armed"));
        assertThat(sequence.firings().decisions()).isEqualTo(1);
    }

    @Test
    void aRepeatWaitsForTheFirstTokenAtWhichTheConditionHolds() {
        Judge judge = judge(entropyAbove("r", 1, ABORT), Mode.ARMED);
        JudgedSequence sequence = new JudgedSequence();
        for (int i = 0; i < 200; i++) {
            // Due at 16, said at 20; due at 32 and said there; due at 64 and, unmeasured until then, said at 130, by
            // which
            // the one of 128 is said too.
            boolean holds = i == 0 || i == 20 || i == 32 || i == 63 || i >= 130;
            sequence.add(judge, holds ? 2 : i > 63 ? Token.UNMEASURED : 0);
        }
        assertThat(sequence.decisions)
                .containsExactly(
                        decided("r", 0, 0, "armed"),
                        decided("r", 0, 20, "armed"),
                        decided("r", 0, 32, "armed"),
                        decided("r", 0, 130, "armed"));
    }

    /** Said at 3 and 19, not at 35; and what begins to hold behind the last token is not said at all. */
    @ParameterizedTest
    @MethodSource("endings")
    void nothingIsSaidOrRepeatedBehindTheLastToken(Act act) {
        Threshold rule = entropyAbove("r", 1, act).until(34);
        JudgedSequence sequence = new JudgedSequence();
        JudgedSequence atTheLast = new JudgedSequence();
        JudgedSequence late = new JudgedSequence();
        for (int i = 0; i < 300; i++) {
            sequence.add(judge(rule, Mode.ARMED), i < 3 ? 0 : 2);
            atTheLast.add(judge(rule, Mode.ARMED), i < 34 ? 0 : 2);
            late.add(judge(rule, Mode.ARMED), i < 35 ? 0 : 2);
        }
        assertThat(sequence.decisions).containsExactly(decided("r", 3, 3, "armed"), decided("r", 3, 19, "armed"));
        assertThat(atTheLast.decisions).containsExactly(decided("r", 34, 34, "armed"));
        assertThat(late.decisions).isEmpty();
        assertThat(late.firings().decisions()).isZero();
    }

    @ParameterizedTest
    @MethodSource("others")
    void behindTheLastTokenThereIsNoCrossingEither(Act act) {
        Judge judge = judge(entropyAbove("r", 1, act).until(4).atMost(9), Mode.ARMED);
        JudgedSequence sequence = new JudgedSequence();
        for (double entropy : new double[] {0, 2, 2, 0, 2, 0, 2, 2, 0, 2}) {
            sequence.add(judge, entropy);
        }
        assertThat(sequence.decisions).containsExactly(decided("r", 1, 1, "armed"), decided("r", 4, 4, "armed"));
    }

    @Test
    void aRuleThatIsArmedBehindItsLastTokenStaysSilent() {
        Threshold rule = entropyAbove("r", 1, ABORT).until(20);
        JudgedSequence sequence = new JudgedSequence();
        for (int i = 0; i < 100; i++) {
            sequence.add(judge(rule, i < 21 ? Mode.SHADOW : Mode.ARMED), 2);
        }
        assertThat(sequence.decisions).containsExactly(decided("r", 0, 0, "shadow"));
    }

    /** Also in shadow: what would be reported there could never be done. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    void aSequenceIsNotSentToTheRouteThatItIsOn(Mode mode) {
        Judge judge = judge(entropyAbove("r", 1, new Act.Reroute("large", false)), mode);
        JudgedSequence there = new JudgedSequence();
        there.route = "large";
        JudgedSequence elsewhere = new JudgedSequence();
        for (int i = 0; i < 20; i++) {
            there.add(judge, 2);
            elsewhere.add(judge, 2);
        }
        assertThat(there.decisions).isEmpty();
        assertThat(there.firings().decisions()).isZero();
        assertThat(elsewhere.decisions)
                .hasSize(
                        switch (mode) {
                            case OFF -> 0;
                            case SHADOW -> 1;
                            case ARMED -> 2;
                        });
    }

    @ParameterizedTest
    @MethodSource("others")
    void anotherActFiresOnTheCrossingOnlyAndAtMostSoOften(Act act) {
        Judge judge = judge(entropyAbove("r", 1, act).atMost(2), Mode.ARMED);
        JudgedSequence sequence = new JudgedSequence();
        for (double entropy : new double[] {2, 2, Token.UNMEASURED, 2, 0, Token.UNMEASURED, 3, 3, 1, 3}) {
            sequence.add(judge, entropy);
        }
        for (int i = 0; i < 100; i++) {
            sequence.add(judge, 3);
        }
        assertThat(sequence.decisions).containsExactly(decided("r", 0, 0, "armed"), decided("r", 6, 6, "armed"));
        assertThat(sequence.firings().decisions()).isEqualTo(2);
    }

    @Test
    void shadowSpeaksOncePerSequenceAndOffNever() {
        for (Act act : List.of(ABORT, BRANCH)) {
            Threshold rule = entropyAbove("r", 1, act).atMost(100);
            JudgedSequence shadow = new JudgedSequence();
            JudgedSequence off = new JudgedSequence();
            for (int i = 0; i < 100; i++) {
                shadow.add(judge(rule, Mode.SHADOW), i % 2 * 2);
                off.add(judge(rule, Mode.OFF), i % 2 * 2);
            }
            assertThat(shadow.decisions).containsExactly(decided("r", 1, 1, "shadow"));
            assertThat(off.decisions).isEmpty();
            assertThat(off.firings().decisions())
                    .isEqualTo(shadow.firings().decisions())
                    .isPositive();
        }
    }

    @Test
    void armingAndDisarmingHoldsForSequencesThatRun() {
        Threshold rule = entropyAbove("r", 1, ABORT);
        JudgedSequence sequence = new JudgedSequence();
        for (int i = 0; i < 1_000; i++) {
            Mode mode = i < 30 ? Mode.SHADOW : i < 70 ? Mode.ARMED : i < 200 ? Mode.OFF : Mode.SHADOW;
            sequence.add(judge(rule, mode), 2);
        }
        // 16 is silent, since shadow has spoken. Armed at 30, it acts at once, and again at 32 and 64. 128 is off. 256
        // and 512 are shadow again.
        assertThat(sequence.decisions)
                .containsExactly(
                        decided("r", 0, 0, "shadow"),
                        decided("r", 0, 30, "armed"),
                        decided("r", 0, 32, "armed"),
                        decided("r", 0, 64, "armed"));
    }

    /** Only an armed command is worth saying between repeats. */
    @Test
    void aRuleThatWasOffSpeaksInShadowAtTheNextRepeat() {
        Threshold rule = entropyAbove("r", 1, ABORT);
        Threshold elsewhere = Threshold.above(
                rule.key(), LimitScope.ofModels("another"), Threshold.NEWEST_ENTROPY, rule.limit(), ABORT);
        for (Judge later : List.of(judge(rule, Mode.SHADOW), judge(elsewhere, Mode.ARMED))) {
            JudgedSequence sequence = new JudgedSequence();
            for (int i = 0; i < 100; i++) {
                sequence.add(i < 5 ? judge(rule, Mode.OFF) : later, 2);
            }
            assertThat(sequence.decisions).containsExactly(decided("r", 0, 16, "shadow"));
        }
    }

    @Test
    void anotherRevisionStartsAnewAndARuleThatCameLaterIsJustAsked() {
        Judge first = judge(entropyAbove("a", 1, ABORT), Mode.ARMED);
        Threshold revised = Threshold.above(new RuleKey("a", 2), SCOPE, Threshold.NEWEST_ENTROPY, 1, ABORT);
        Judge second = new Judge(
                new Rules(List.of(
                        new Setting(entropyAbove("b", 1, BRANCH), Mode.ARMED), new Setting(revised, Mode.ARMED))),
                CATALOGUE);
        JudgedSequence sequence = new JudgedSequence().add(first, 2).add(first, 2);
        sequence.add(second, 2).add(second, 2).add(first, 2);
        assertThat(sequence.decisions)
                .containsExactly(
                        decided("a", 0, 0, "armed"),
                        decided("b", 2, 2, "armed"),
                        "a:2 2@" + JudgedSequence.micros(2) + " at 2 armed");
        // Back at the first revision it goes on where it was.
        assertThat(sequence.at(16).add(first, 2).decisions).endsWith(decided("a", 0, 16, "armed"));
    }

    /**
     * At random tokens, holes and modes: what is decided is what an independent reading of the rule says, and of that is
     * told what the mode allows. Restored before every token it is the same.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void decisionsAreAFunctionOfTokensAndRulesAndTheModeOnlySaysWhatIsTold(long seed) throws IOException {
        Random random = new Random(seed);
        Threshold ending = entropyAbove("end", 1.5, ABORT);
        Threshold other = entropyAbove("fork", 1, BRANCH).atMost(7);
        Mode[] modes = Mode.values();
        JudgedSequence sequence = new JudgedSequence();
        JudgedSequence restored = new JudgedSequence();
        JudgedSequence armed = new JudgedSequence();
        Judge allArmed = new Judge(
                new Rules(List.of(new Setting(ending, Mode.ARMED), new Setting(other, Mode.ARMED))), CATALOGUE);
        Told ends = new Told("end");
        Told forks = new Told("fork");
        int first = -1;
        int lastBucket = -1;
        boolean held = false;
        int crossings = 0;
        for (int i = 0; i < 600; i++) {
            double entropy = random.nextInt(5) == 0 ? Token.UNMEASURED : random.nextFloat() * 2;
            Mode endMode = modes[random.nextInt(modes.length)];
            Mode forkMode = modes[random.nextInt(modes.length)];
            Judge judge = new Judge(
                    new Rules(List.of(new Setting(ending, endMode), new Setting(other, forkMode))), CATALOGUE);
            sequence.add(judge, entropy);
            restored.restored().add(judge, entropy);
            armed.add(allArmed, entropy);

            if (entropy > 1.5) {
                first = first < 0 ? i : first;
                int bucket = bucket(i - first);
                if (bucket > lastBucket) {
                    lastBucket = bucket;
                    ends.at(first, i, endMode);
                } else {
                    ends.between(first, i, endMode);
                }
            }
            if (!Double.isNaN(entropy)) {
                if (entropy > 1 && !held && crossings < 7) {
                    crossings++;
                    forks.at(i, i, forkMode);
                }
                held = entropy > 1;
            }
        }
        assertThat(sequence.decisions)
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(ends.told.stream(), forks.told.stream()).toList());
        assertThat(restored.decisions).isEqualTo(sequence.decisions);
        assertThat(restored.stored()).isEqualTo(sequence.stored());
        assertThat(armed.decisions)
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(ends.all.stream(), forks.all.stream()).toList());
        assertThat(ends.all).hasSizeGreaterThan(4);
        assertThat(forks.all).hasSize(7);
    }

    /** How many of 16, 32, 64, ... tokens have passed. */
    private static int bucket(int distance) {
        return distance < 16 ? 0 : 28 - Integer.numberOfLeadingZeros(distance);
    }

    /** What should be told of one rule. */
    private static final class Told {
        private final String rule;
        private final List<String> all = new ArrayList<>();
        private final List<String> told = new ArrayList<>();
        private boolean spoken;
        private boolean acted;

        Told(String rule) {
            this.rule = rule;
        }

        void at(int first, int token, Mode mode) {
            all.add(decided(rule, first, token, "armed"));
            if (mode == Mode.ARMED) {
                acted = true;
                told.add(decided(rule, first, token, "armed"));
            } else if (mode == Mode.SHADOW && !spoken) {
                spoken = true;
                told.add(decided(rule, first, token, "shadow"));
            }
        }

        /** The condition holds at a token at which nothing is repeated: armed for the first time, it acts. */
        void between(int first, int token, Mode mode) {
            if (mode == Mode.ARMED && !acted) {
                acted = true;
                told.add(decided(rule, first, token, "armed"));
            }
        }
    }
}
