package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.generator.decode.StepRow;
import io.edistream.generator.sequence.Sampling;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorBatchTest {

    @Test
    void padsOnTheRightAndIntoTheScratchBlock() {
        StepRow prompt = new StepRow(List.of(11, 12, 13), 0, List.of(5), Sampling.of(.5, 1), .25, StepRow.SAMPLED);
        StepRow last = new StepRow(List.of(21), 5, List.of(7, 9), new Sampling(0, 3, .9, .1, 2), .75, 2);
        TensorBatch batch = new TensorBatch(List.of(prompt, last), 4);

        assertThat(batch.rows).isEqualTo(2);
        assertThat(batch.width).isEqualTo(3);
        assertThat(batch.tableWidth).isEqualTo(2);
        assertThat(batch.ids).containsExactly(11, 12, 13, 21, 0, 0);
        assertThat(batch.positions).containsExactly(0, 1, 2, 5, 0, 0);
        assertThat(batch.slots).containsExactly(20, 21, 22, 9 * 4 + 1, 0, 0);
        assertThat(batch.table).containsExactly(5, 0, 7, 9);
        assertThat(batch.last).containsExactly(2, 0);
        assertThat(batch.temperature).containsExactly(.5, 0);
        assertThat(batch.topK).containsExactly(0, 3);
        assertThat(batch.topP).containsExactly(1, .9);
        assertThat(batch.minP).containsExactly(0, .1);
        assertThat(batch.uniform).containsExactly(.25, .75);
        assertThat(batch.rank).containsExactly(-1, 2);
    }
}
