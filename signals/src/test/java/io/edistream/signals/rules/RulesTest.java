package io.edistream.signals.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import io.edistream.signals.SequenceSignals;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.Token;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RulesTest {

    private static final RuleHeader HEADER = new RuleHeader("test-rule", 1, true, Set.of("reasoner-s"));

    @Test
    void abortsAboveTheLimitAndNotAtIt() {
        AbortAbove rule = new AbortAbove(HEADER, "sequence_entropy", 3, 0);
        SequenceSignals signals = signals(1, 2);
        assertThat(decide(rule, signals, 2, 1)).isEmpty();

        signals.add(Token.ofEntropy(0.5), SpikeListener.NONE);
        Optional<Decision> decision = decide(rule, signals, 0.5, 2);
        assertThat(decision).hasValueSatisfying(fired -> {
            assertThat(fired.decidedAtToken()).isEqualTo(2);
            assertThat(fired.act()).isEqualTo(new Decision.Abort(true));
            assertThat(fired.reason()).isEqualTo("sequence_entropy 3.500 above 3.000 after 3 tokens");
        });
    }

    @Test
    void doesNotAbortBeforeTheMinimumNumberOfTokens() {
        AbortAbove rule = new AbortAbove(HEADER, "mean_entropy", 1, 3);
        SequenceSignals signals = signals(5, 5);
        assertThat(decide(rule, signals, 5, 1)).isEmpty();
        signals.add(Token.ofEntropy(5), SpikeListener.NONE);
        assertThat(decide(rule, signals, 5, 2)).isPresent();
    }

    @Test
    void doesNotAbortOnASignalWithoutAValue() {
        assertThat(decide(new AbortAbove(HEADER, "perplexity", 0, 0), signals(5), 5, 0))
                .isEmpty();
    }

    @Test
    void branchesAtTheTokenWhoseEntropyIsAboveTheLimit() {
        BranchAbove rule = new BranchAbove(HEADER, 1.5, 2, 4, 1);
        assertThat(decide(rule, signals(1.5), 1.5, 0)).isEmpty();
        assertThat(decide(rule, signals(1, 1.6), 1.6, 1)).hasValueSatisfying(fired -> {
            assertThat(fired.act()).isEqualTo(new Decision.Branch(1, 2, 4));
            assertThat(fired.reason()).isEqualTo("entropy 1.600 above 1.500 nats at token 1");
        });
    }

    @Test
    void actsOnlyWhereItIsArmedAndCalibrated() {
        assertThat(HEADER.armedFor("reasoner-s")).isTrue();
        assertThat(HEADER.armedFor("reasoner-l")).isFalse();
        assertThat(new RuleHeader("test-rule", 1, false, Set.of("reasoner-s")).armedFor("reasoner-s"))
                .isFalse();
    }

    static Stream<Arguments> outside() {
        return Stream.of(
                bad("empty id", () -> new RuleHeader("", 1, true, Set.of()), "lower-case letters"),
                bad("id of 65", () -> new RuleHeader("a".repeat(65), 1, true, Set.of()), "1 to 64"),
                bad("id with a space", () -> new RuleHeader("a b", 1, true, Set.of()), "dashes"),
                bad("version 0", () -> new RuleHeader("a", 0, true, Set.of()), "at least 1"),
                bad("NaN limit", () -> new AbortAbove(HEADER, "edis", Double.NaN, 0), "finite"),
                bad("negative minimum", () -> new AbortAbove(HEADER, "edis", 1, -1), "at least 0"),
                bad("negative entropy limit", () -> new BranchAbove(HEADER, -1, 1, 1, 1), "at least 0 nats"),
                bad("NaN entropy limit", () -> new BranchAbove(HEADER, Double.NaN, 1, 1, 1), "at least 0 nats"),
                bad("width 0", () -> new BranchAbove(HEADER, 1, 0, 1, 1), "width 0 of rule test-rule: must be 1 to 16"),
                bad("width 17", () -> new BranchAbove(HEADER, 1, 17, 1, 1), "1 to 16"),
                bad("no leaves", () -> new BranchAbove(HEADER, 1, 1, 0, 1), "leaves 0"),
                bad("no firings", () -> new BranchAbove(HEADER, 1, 1, 1, 0), "firings 0"));
    }

    @ParameterizedTest
    @MethodSource("outside")
    void isRefusedWithTheBound(Runnable refused, String message) {
        assertThatIllegalArgumentException().isThrownBy(refused::run).withMessageContaining(message);
    }

    private static Arguments bad(String what, Runnable refused, String message) {
        return Arguments.of(Named.of(what, refused), message);
    }

    private static Optional<Decision> decide(Rule rule, SequenceSignals signals, double entropy, int token) {
        return rule.trigger(signals.catalogue()).decide(signals, entropy, token);
    }

    private static SequenceSignals signals(double... entropies) {
        SequenceSignals signals = new Catalogue(Scoring.DEFAULT).start(Catalogue.NO_CLASS);
        for (double entropy : entropies) {
            signals.add(Token.ofEntropy(entropy), SpikeListener.NONE);
        }
        return signals;
    }
}
