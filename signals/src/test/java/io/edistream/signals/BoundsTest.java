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
                bad("NaN entropy", () -> Token.ofEntropy(Double.NaN), "at least 0 nats"),
                bad("negative entropy", () -> Token.ofEntropy(-Double.MIN_VALUE), "at least 0 nats"),
                bad("infinite entropy", () -> Token.ofEntropy(Double.POSITIVE_INFINITY), "finite"),
                bad("positive logprob", () -> new Token(0, Double.MIN_VALUE, 0, 0), "at most 0"),
                bad("infinite logprob", () -> new Token(0, Double.NEGATIVE_INFINITY, 0, 0), "finite"),
                bad("negative confidence", () -> new Token(0, 0, -1, 0), "at least 0 nats"),
                bad("infinite confidence", () -> new Token(0, 0, Double.POSITIVE_INFINITY, 0), "finite"),
                bad("negative class", () -> new Token(0, 0, 0, -1), "0 to 127"),
                bad("class above 127", () -> new Token(0, 0, 0, 128), "0 to 127"),
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
                bad("options: window", () -> new SignalOptions(0, 1, 1, 0), "burst window 0: must be 1 to 64"),
                bad("options: burst", () -> new SignalOptions(8, -1, 1, 0), "burst threshold -1.0"),
                bad("options: rebound", () -> new SignalOptions(8, 1, -1, 0), "rebound threshold -1.0"),
                bad("options: class", () -> SignalOptions.DEFAULT.withTrackedClass(128), "class 128: must be 0 to 127"),
                bad(
                        "unknown signal",
                        () -> new Catalogue(SignalOptions.DEFAULT).indexOf("edi"),
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
                new Token(0, 0, 0, 0),
                new Token(Double.MAX_VALUE, -Double.MAX_VALUE, Double.MAX_VALUE, 127),
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

    private static Arguments bad(String what, Runnable refused, String message) {
        return Arguments.of(Named.of(what, refused), message);
    }
}
