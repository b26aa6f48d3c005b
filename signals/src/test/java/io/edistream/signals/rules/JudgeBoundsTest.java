package io.edistream.signals.rules;

import static io.edistream.signals.rules.JudgedSequence.BOUNDED;
import static io.edistream.signals.rules.JudgedSequence.SCOPE;
import static io.edistream.signals.rules.JudgedSequence.judge;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.signals.EntropyKind;
import io.edistream.signals.Token;
import io.edistream.signals.rules.Threshold.Side;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a rule may act, and what it compares where only bounds of an entropy are known. */
class JudgeBoundsTest {

    private static Threshold rule(String signal, Side side, double limit, double maxShare, double maxGap) {
        return new Threshold(
                new RuleKey("r", 1),
                SCOPE,
                signal,
                side,
                limit,
                0,
                Threshold.ANY_TOKEN,
                1,
                maxShare,
                maxGap,
                new Act.Abort(true));
    }

    private static Token bounded(double lower, double upper) {
        return new Token(lower, upper, Token.UNMEASURED, Token.UNMEASURED, 0);
    }

    /** Whether the rule acts at the first token; it must speak. */
    private static boolean acts(JudgedSequence sequence, Threshold rule, Token token) {
        sequence.add(judge(rule, Mode.ARMED), token);
        assertThat(sequence.whole).hasSize(1);
        return sequence.whole.get(0).armed();
    }

    @ParameterizedTest
    @CsvSource({
        "reasoner-s, default, raw-exact, true",
        "reasoner-s, other, raw-exact, false",
        "reasoner-l, default, raw-exact, false",
        "reasoner-s, default, tempered-exact, false",
        "reasoner-s, default, raw-bounded-20, true",
        "reasoner-s, default, raw-bounded-19, false"
    })
    void actsOnlyWhereItsLimitHolds(String model, String route, String kind, boolean acts) {
        LimitScope scope =
                new LimitScope(Set.of("reasoner-s"), Set.of("default"), Set.of(EntropyKind.RAW_EXACT, BOUNDED));
        Threshold rule = Threshold.above(new RuleKey("r", 1), scope, Threshold.NEWEST_ENTROPY, 1, new Act.Abort(true));
        JudgedSequence sequence = JudgedSequence.ofKind(EntropyKind.parse(kind));
        sequence.model = model;
        sequence.route = route;
        assertThat(acts(sequence, rule, bounded(2, 2))).isEqualTo(acts);
    }

    @Test
    void aLimitForNoRouteHoldsOnAllAndOneForNoModelNowhere() {
        Set<EntropyKind> exact = Set.of(EntropyKind.RAW_EXACT);
        assertThat(new LimitScope(Set.of("m"), Set.of(), exact).covers("m", "any", EntropyKind.RAW_EXACT))
                .isTrue();
        assertThat(new LimitScope(Set.of(), Set.of(), exact).covers("m", "any", EntropyKind.RAW_EXACT))
                .isFalse();
        assertThat(new LimitScope(Set.of("m"), Set.of(), Set.of()).covers("m", "any", EntropyKind.RAW_EXACT))
                .isFalse();
        LimitScope models = LimitScope.ofModels("a", "b");
        assertThat(models.covers("b", "any", EntropyKind.RAW_EXACT)).isTrue();
        assertThat(models.covers("b", "any", BOUNDED)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0.1, true", "0.10000000000000002, false", "0, true", "1, false"})
    void staysInShadowWhileTooMuchIsUnmeasured(double share, boolean acts) {
        JudgedSequence sequence = new JudgedSequence();
        sequence.unmeasuredShare = share;
        assertThat(acts(sequence, rule("sequence_entropy", Side.ABOVE, 1, 0.1, 0), Token.ofEntropy(2)))
                .isEqualTo(acts);
    }

    @Test
    void theShareIsAskedWhenActingSoThatAShadowRuleMayActLater() {
        Judge judge = judge(rule("sequence_entropy", Side.ABOVE, 1, 0.1, 0), Mode.ARMED);
        JudgedSequence sequence = new JudgedSequence();
        sequence.unmeasuredShare = 0.5;
        sequence.add(judge, 2);
        sequence.unmeasuredShare = 0.05;
        sequence.at(16).add(judge, 2);
        assertThat(sequence.whole).extracting(Decision::armed).containsExactly(false, true);
    }

    @ParameterizedTest
    @CsvSource({
        // Bounded: at the bound it acts, above it and where the gap is unknown it does not.
        "raw-bounded-20, 1.5, 0.5, true, true",
        "raw-bounded-20, 1.5001, 0.5, true, false",
        "raw-bounded-20, NaN, 0.5, true, false",
        "raw-bounded-20, NaN, Infinity, true, false",
        // Of some tokens known and of others not.
        "raw-bounded-20, 1.5, 0.5, false, false",
        // A limit that was set without an upper bound.
        "raw-bounded-20, 9, NaN, true, true",
        "raw-bounded-20, NaN, NaN, false, true",
        // Exact: there is no gap.
        "raw-exact, NaN, 0, true, true",
        "raw-exact, 9, 0, true, true"
    })
    void aBoundedEntropyNeedsANarrowGap(String kind, double upper, double maxGap, boolean known, boolean acts) {
        JudgedSequence sequence = JudgedSequence.ofKind(EntropyKind.parse(kind));
        sequence.gapIsKnown = known;
        assertThat(acts(sequence, rule("sequence_entropy", Side.ABOVE, 0.5, 0.1, maxGap), bounded(1, upper)))
                .isEqualTo(acts);
    }

    @ParameterizedTest
    @CsvSource({"entropy, 9", "mean_entropy, 9", "entropy, NaN", "mean_entropy, NaN"})
    void aRuleThatComparesBothBoundsNeedsNone(String signal, double upper) {
        JudgedSequence sequence = JudgedSequence.ofKind(BOUNDED);
        sequence.gapIsKnown = !Double.isNaN(upper);
        assertThat(acts(sequence, rule(signal, Side.ABOVE, 0.5, 0.1, 0), bounded(1, upper)))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        // Limit 1: above it the lower bound counts,
        "entropy, ABOVE, 1.1, 5, true",
        "entropy, ABOVE, 1.1, NaN, true",
        "entropy, ABOVE, 0.9, 5, false",
        "mean_entropy, ABOVE, 1.1, 5, true",
        "mean_entropy, ABOVE, 0.9, 5, false",
        // below it the upper one; between both it is undecided.
        "entropy, BELOW, 0.5, 0.9, true",
        "entropy, BELOW, 0.5, 1, false",
        "entropy, BELOW, 0.5, 1.1, false",
        "entropy, BELOW, 0.5, NaN, false",
        "mean_entropy, BELOW, 0.5, 0.9, true",
        "mean_entropy, BELOW, 0.5, 1, false",
        "mean_entropy, BELOW, 0.5, 1.1, false",
        "mean_entropy, BELOW, 0.5, NaN, false",
        // Any other signal is over the lower bounds.
        "sequence_entropy, BELOW, 0.5, 1.1, true",
        "sequence_entropy, BELOW, 0.5, NaN, true"
    })
    void bothBoundsAreCompared(String signal, Side side, double lower, double upper, boolean fires) {
        JudgedSequence sequence = JudgedSequence.ofKind(BOUNDED);
        sequence.gapIsKnown = !Double.isNaN(upper);
        sequence.add(judge(rule(signal, side, 1, 0.1, 9), Mode.ARMED), bounded(lower, upper));
        assertThat(sequence.whole).hasSize(fires ? 1 : 0);
    }

    @Test
    void theMeanIsHeldAgainstTheMeanOfTheUpperBounds() {
        // Lower .2, .4 and upper .5, .7: means .3 and .6.
        for (double limit : new double[] {0.61, 0.59}) {
            Judge judge = judge(rule("mean_entropy", Side.BELOW, limit, 0.1, 9).from(2), Mode.ARMED);
            JudgedSequence sequence =
                    JudgedSequence.ofKind(BOUNDED).add(judge, bounded(0.2, 0.5)).add(judge, bounded(0.4, 0.7));
            assertThat(sequence.whole).hasSize(limit > 0.6 ? 1 : 0);
        }
    }

    /** The mean gap is over the tokens that have an upper bound and says nothing about the other tokens. */
    @Test
    void aMeanOfWhichSomeTokensHaveNoUpperBoundIsUndecided() {
        Judge judge = judge(rule("mean_entropy", Side.BELOW, 1, 0.1, 9).from(2), Mode.ARMED);
        JudgedSequence sequence = JudgedSequence.ofKind(BOUNDED).add(judge, bounded(0.2, 0.2));
        sequence.gapIsKnown = false;
        assertThat(sequence.add(judge, bounded(0.2, Token.UNMEASURED)).whole).isEmpty();
    }

    @Test
    void anExactEntropyIsItsOwnUpperBound() {
        for (String signal : new String[] {"entropy", "mean_entropy"}) {
            JudgedSequence sequence = new JudgedSequence();
            sequence.gapIsKnown = false;
            sequence.add(judge(rule(signal, Side.BELOW, 1, 0.1, 0), Mode.ARMED), 0.5);
            assertThat(sequence.whole).extracting(Decision::armed).containsExactly(true);
        }
    }
}
