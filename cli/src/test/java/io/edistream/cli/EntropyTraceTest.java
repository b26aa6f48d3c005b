package io.edistream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Ids;
import io.edistream.schemas.Spike;
import io.edistream.schemas.SpikeKind;
import io.edistream.signals.Token;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntropyTraceTest {

    private final EntropyTrace trace = new EntropyTrace(4);

    @Test
    void oneBarPerTokenWhileThereIsRoom() {
        assertThat(trace.bars(tokens(0, 1, 2))).isEqualTo("▁▅█");
        assertThat(trace.bars(List.of())).isEmpty();
    }

    @Test
    void aBarIsTheLargestEntropyOfItsTokens() {
        assertThat(trace.bars(tokens(0, 9, 0, 0, 1, 0, 0, 0))).isEqualTo("█▁▅▁");
    }

    @Test
    void marksStandBelowTheBarOfTheirToken() {
        assertThat(trace.marks(8, List.of(spike(SpikeKind.REBOUND, 1), spike(SpikeKind.BURST, 4))))
                .isEqualTo("r b");
        assertThat(trace.marks(8, List.of(spike(SpikeKind.REBOUND, 7), spike(SpikeKind.BURST, 6))))
                .isEqualTo("   *");
        assertThat(trace.marks(8, List.of())).isEmpty();
    }

    private static List<Token> tokens(double... entropies) {
        return Arrays.stream(entropies).mapToObj(Token::ofEntropy).toList();
    }

    private static Spike spike(SpikeKind kind, int token) {
        return new Spike(Ids.sequenceId(1, 2), "reasoner-s", "default", null, kind, token, 2.0, 0.0, 1.36, 0L);
    }
}
