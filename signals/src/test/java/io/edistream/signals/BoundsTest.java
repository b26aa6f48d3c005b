package io.edistream.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every bound is crossed, and the message says what is allowed. */
class BoundsTest {

    static Stream<Arguments> outside() {
        return Stream.of(
                bad("negative entropy", () -> Token.ofEntropy(-1.1e-6), "at least 0 nats"),
                bad("infinite entropy", () -> Token.ofEntropy(Double.POSITIVE_INFINITY), "finite"),
                bad("minus infinite entropy", () -> Token.ofEntropy(Double.NEGATIVE_INFINITY), "finite"),
                bad("upper below lower", () -> bounded(1, 1 - 1.1e-6), "at least the entropy"),
                bad("infinite upper", () -> bounded(1, Double.POSITIVE_INFINITY), "finite"),
                bad("upper alone", () -> bounded(Token.UNMEASURED, 1), "must be measured"),
                bad("positive logprob", () -> logprob(1.1e-6), "at most 0"),
                bad("infinite logprob", () -> logprob(Double.POSITIVE_INFINITY), "at most 0"),
                bad("negative confidence", () -> confidence(-1.1e-6), "at least 0 and less than 400.0 nats"),
                bad("confidence of 400", () -> confidence(400), "at least 0 and less than 400.0 nats"),
                bad("infinite confidence", () -> confidence(Double.POSITIVE_INFINITY), "less than 400"),
                bad("minus infinite confidence", () -> confidence(Double.NEGATIVE_INFINITY), "at least 0"),
                bad("negative class", () -> ofClass(-1), "0 to 127"),
                bad("class above 127", () -> ofClass(128), "0 to 127"),
                bad("empty window", () -> new Burst(0, 1), "1 to 64"),
                bad("window above 64", () -> new Burst(65, 1), "1 to 64"),
                bad("negative burst threshold", () -> new Burst(8, -1), "at least 0"),
                bad("NaN rebound threshold", () -> new Rebound(Double.NaN), "at least 0"),
                bad("infinite spike threshold", () -> new SpikeCount(Double.POSITIVE_INFINITY), "finite"),
                bad("entropy window of 0", () -> new LargestWindowedEntropy(0), "1 to 64"),
                bad("entropy window of 65", () -> new LargestWindowedEntropy(65), "1 to 64"),
                bad("group of 0", () -> new LowestGroupConfidence(0), "1 to 64"),
                bad("group of 65", () -> new LowestGroupConfidence(65), "1 to 64"),
                bad("tail of 0", () -> new TailConfidence(0), "1 to 64"),
                bad("tail of 65", () -> new TailConfidence(65), "1 to 64"),
                bad("scoring: window", () -> new Scoring(0, 1, 1, Scoring.NO_CLASS), "burst window 0: must be 1 to 64"),
                bad("scoring: burst", () -> new Scoring(8, -1, 1, Scoring.NO_CLASS), "burst threshold -1.0"),
                bad("scoring: rebound", () -> new Scoring(8, 1, -1, Scoring.NO_CLASS), "rebound threshold -1.0"),
                bad("scoring: class of 65", () -> Scoring.DEFAULT.withTrackedClass("c".repeat(65)), "must be 1 to 64"),
                bad("scoring: class with a space", () -> Scoring.DEFAULT.withTrackedClass("a b"), "letters, digits"),
                bad("scoring: class with a dot", () -> Scoring.DEFAULT.withTrackedClass("a.b"), "class 'a.b'"),
                bad("start: class", () -> new Catalogue(Scoring.DEFAULT).start(128), "class 128: must be 0 to 127"),
                bad("start: no class", () -> new Catalogue(Scoring.DEFAULT).start(-2), "or -1 for none"),
                bad(
                        "unknown signal",
                        () -> new Catalogue(Scoring.DEFAULT).indexOf("edi"),
                        "must be one of edis, burst"));
    }

    @ParameterizedTest
    @MethodSource("outside")
    void isRefusedWithTheBound(Runnable refused, String message) {
        assertThatIllegalArgumentException().isThrownBy(refused::run).withMessageContaining(message);
    }

    @Test
    void theBoundsThemselvesAreAllowed() {
        assertThatNoException().isThrownBy(() -> {
            var unused = new Object[] {
                new Token(Double.MAX_VALUE, Double.MAX_VALUE, Math.nextUp(-100), Math.nextDown(400), 127),
                Scoring.DEFAULT.withTrackedClass("c".repeat(64)),
                Scoring.DEFAULT.withTrackedClass("Result_digit-2"),
                new Catalogue(Scoring.DEFAULT).start(127),
                new Catalogue(Scoring.DEFAULT).start(Catalogue.NO_CLASS),
                new Burst(1, 0),
                new Burst(64, 0),
                new LargestWindowedEntropy(1),
                new LargestWindowedEntropy(64),
                new LowestGroupConfidence(1),
                new TailConfidence(64)
            };
            assertThat(unused).doesNotContainNull();
        });
    }

    private static Token bounded(double lowerNats, double upperNats) {
        return new Token(lowerNats, upperNats, Token.UNMEASURED, Token.UNMEASURED, 0);
    }

    private static Token logprob(double logprob) {
        return new Token(0, Token.UNMEASURED, logprob, Token.UNMEASURED, 0);
    }

    private static Token confidence(double confidence) {
        return new Token(0, Token.UNMEASURED, Token.UNMEASURED, confidence, 0);
    }

    private static Token ofClass(int tokenClass) {
        return new Token(0, 0, 0, 0, tokenClass);
    }

    private static Arguments bad(String what, Runnable refused, String message) {
        return Arguments.of(Named.of(what, refused), message);
    }
}
