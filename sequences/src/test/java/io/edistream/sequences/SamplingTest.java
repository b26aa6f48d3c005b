package io.edistream.sequences;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.sequences.Sampling.Penalties;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SamplingTest {

    @Test
    void penaltiesHaveBounds() {
        assertThat(new Penalties(10, 2, -2).areOff()).isFalse();
        assertThat(new Penalties(1, 0, 0).areOff()).isTrue();
        refused("repetition penalty must be above 0 and at most 10", () -> new Penalties(0, 0, 0));
        refused("repetition penalty must be above 0 and at most 10", () -> new Penalties(10.1, 0, 0));
        refused("presence penalty must be from -2 to 2", () -> new Penalties(1, 2.1, 0));
        refused("presence penalty must be from -2 to 2", () -> new Penalties(1, Double.NaN, 0));
        refused("frequency penalty must be from -2 to 2", () -> new Penalties(1, 0, -2.1));
    }

    @Test
    void aBiasHasBounds() {
        Map<Integer, Float> most = new HashMap<>();
        for (int token = 0; token < 300; token++) {
            most.put(token, token % 2 == 0 ? 100f : -100f);
        }
        assertThat(Sampling.greedy().biased(most).adjustsLogits()).isTrue();
        refused("the bias of token 7 must be from -100 to 100", () -> Sampling.greedy()
                .biased(Map.of(7, 100.5f)));
        refused("the bias of token 7 must be from -100 to 100", () -> Sampling.greedy()
                .biased(Map.of(7, Float.NaN)));
        most.put(300, 1f);
        refused("the number of biased tokens must be at most 300", () -> Sampling.greedy()
                .biased(most));
    }

    @Test
    void aChangeLeavesWhatItDoesNotName() {
        Sampling before = new Sampling(.8, 20, .9, .05, 42, new Penalties(1.1, .2, .3), Map.of(3, 1f));
        assertThat(SamplingChange.NONE.appliedTo(before)).isEqualTo(before);
        assertThat(new SamplingChange(null, 5, null, null, 7L, Map.of("presence_penalty", 1.0)).appliedTo(before))
                .isEqualTo(new Sampling(.8, 5, .9, .05, 7, new Penalties(1.1, 1, .3), Map.of(3, 1f)));
        refused("no parameter alpha", () -> new SamplingChange(null, null, null, null, null, Map.of("alpha", 1.0))
                .appliedTo(before));
        refused("presence penalty", () -> new SamplingChange(
                        null, null, null, null, null, Map.of("presence_penalty", 3.0))
                .appliedTo(before));
    }

    private static void refused(String message, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(message);
    }
}
