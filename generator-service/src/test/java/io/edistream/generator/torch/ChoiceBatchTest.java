package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.generator.decode.StepRow;
import io.edistream.sequences.Sampling;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChoiceBatchTest {

    private static final Sampling SAMPLING =
            new Sampling(.5, 3, .9, .1, 42, new Sampling.Penalties(1.5, -.25, .75), Map.of(17, -2f));
    private static final StepRow FULL = new StepRow(List.of(1), 0, List.of(1), SAMPLING, .625, 4, 33, Map.of(8, 2), 5);
    private static final StepRow PLAIN =
            new StepRow(List.of(1), 0, List.of(1), Sampling.of(1, 7), .25, StepRow.SAMPLED);

    /** Each value is another, so that no two can be mistaken for each other; the module's order is not the one in which they are named. */
    @Test
    void everyColumnHasItsOwnValueWhateverTheirOrder() {
        List<String> columns = List.of(
                "token",
                "frequency_penalty",
                "top_p",
                "temperature",
                "rank",
                "min_p",
                "repetition_penalty",
                "uniform",
                "top_k",
                "presence_penalty");
        assertThat(columns).containsExactlyInAnyOrderElementsOf(ChoiceBatch.columnNames());
        ChoiceBatch batch = new ChoiceBatch(List.of(PLAIN, FULL), columns);
        assertThat(batch.control)
                .containsExactly(-1, 0, 1, 1, -1, 0, 1, .25, 0, 0, 33, .75, .9, .5, 4, .1, 1.5, .625, 3, -.25);
        assertThat(batch.alternatives).isEqualTo(5);
        assertThat(batch.adjusts).isTrue();
        assertThat(batch.seen).as("row, token, times").containsExactly(1, 8, 2);
        assertThat(batch.biasAt).as("row, token").containsExactly(1, 17);
        assertThat(batch.bias).containsExactly(-2);
    }

    /** The module takes no empty lists: what stands there says nothing. */
    @Test
    void whoAdjustsNothingSaysNothing() {
        ChoiceBatch batch = new ChoiceBatch(List.of(PLAIN), List.of("temperature"));
        assertThat(batch.adjusts).isFalse();
        assertThat(batch.alternatives).isZero();
        assertThat(batch.seen).containsExactly(0, 0, -1);
        assertThat(batch.biasAt).containsExactly(0, 0);
        assertThat(batch.bias).containsExactly(0);
    }
}
