package io.edistream.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the values that sources send stand for. */
class TokenTest {

    /** Those that lie near a bound, or that sources are known to send. */
    private static final List<Double> SENT = List.of(
            Double.NaN,
            Double.NEGATIVE_INFINITY,
            -Double.MAX_VALUE,
            -3.4028234663852886e38,
            -9999.0,
            -100.0,
            Math.nextUp(-100.0),
            -1.0,
            -1.1e-6,
            -1e-6,
            -Double.MIN_VALUE,
            -0.0,
            0.0,
            Double.MIN_VALUE,
            1e-6,
            1.1e-6,
            1.0,
            Math.nextDown(400.0),
            400.0,
            9999.0,
            Double.MAX_VALUE,
            Double.POSITIVE_INFINITY);

    @ParameterizedTest
    @CsvSource({"-1e-6, 0", "-1.1920928955078125e-7, 0", "-0.0, 0", "0, 0", "4.9e-324, 4.9e-324", "NaN, NaN"})
    void anEntropyOrConfidenceAHairBelowZeroIsZero(double sent, double meant) {
        // Compared in every bit: -0.0 is not 0.0.
        assertThat(Double.compare(Token.entropy(sent), meant)).isZero();
        assertThat(Double.compare(Token.confidence(sent), meant)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"-0.0, 0", "1e-6, 0", "4.9e-324, 0", "-4.9e-324, -4.9e-324", "-99.999, -99.999"})
    void aLogprobAHairAboveZeroIsZero(double sent, double meant) {
        assertThat(Double.compare(Token.logprob(sent), meant)).isZero();
    }

    @ParameterizedTest
    @ValueSource(doubles = {-100, -1000, -9999, -3.4e38, Double.NEGATIVE_INFINITY, Double.NaN})
    void aLogprobThatIsASentinelIsUnmeasured(double sent) {
        assertThat(Token.logprob(sent)).isNaN();
        assertThat(new Token(1, 1, sent, 1, 0).hasLogprob()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"2, 2, 2", "2, 3, 3", "2, 1.9999995, 2", "0, -5e-7, 0", "-5e-7, -1e-6, 0", "2, NaN, NaN"})
    void anUpperBoundAHairBelowTheLowerIsTheLower(double lower, double upper, double meant) {
        assertThat(Double.compare(new Token(lower, upper, 0, 0, 0).upperNats(), meant))
                .isZero();
    }

    @Test
    void saysWhatItHas() {
        Token nothing = new Token(Token.UNMEASURED, Token.UNMEASURED, Token.UNMEASURED, Token.UNMEASURED, 0);
        assertThat(nothing.hasEntropy() || nothing.hasUpper() || nothing.hasLogprob() || nothing.hasConfidence())
                .isFalse();
        Token all = new Token(0, 0, 0, 0, 0);
        assertThat(all.hasEntropy() && all.hasUpper() && all.hasLogprob() && all.hasConfidence())
                .isTrue();
    }

    @Test
    void whatIsCalledPossibleIsTakenAndNothingElse() {
        for (double sent : SENT) {
            agree(Token.isPossibleEntropy(sent), () -> Token.entropy(sent));
            agree(Token.isPossibleLogprob(sent), () -> Token.logprob(sent));
            agree(Token.isPossibleConfidence(sent), () -> Token.confidence(sent));
            for (double entropy : SENT) {
                if (Token.isPossibleEntropy(entropy)) {
                    agree(Token.isPossibleUpper(sent, entropy), () -> new Token(entropy, sent, 0, 0, 0));
                }
            }
        }
        for (int tokenClass : new int[] {-1, 0, 127, 128}) {
            agree(Token.isPossibleClass(tokenClass), () -> new Token(0, 0, 0, 0, tokenClass));
        }
    }

    /** What was normalised once is not changed by a second time, so that tokens can be copied. */
    @Test
    void meaningIsStable() {
        SENT.stream().filter(Token::isPossibleEntropy).map(Token::entropy).forEach(meant -> assertThat(
                        Double.compare(Token.entropy(meant), meant))
                .isZero());
        SENT.stream().filter(Token::isPossibleLogprob).map(Token::logprob).forEach(meant -> assertThat(
                        Double.compare(Token.logprob(meant), meant))
                .isZero());
        SENT.stream().filter(Token::isPossibleConfidence).map(Token::confidence).forEach(meant -> assertThat(
                        Double.compare(Token.confidence(meant), meant))
                .isZero());
    }

    private static void agree(boolean possible, Runnable taken) {
        if (possible) {
            taken.run();
        } else {
            assertThatThrownBy(taken::run).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
