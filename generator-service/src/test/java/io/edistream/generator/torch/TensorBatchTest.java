package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.generator.decode.StepRow;
import io.edistream.sequences.Sampling;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorBatchTest {

    @Test
    void padsOnTheRightAndIntoTheScratchBlock() {
        StepRow prompt = new StepRow(List.of(11, 12, 13), 0, List.of(5), Sampling.of(.5, 1), .25, StepRow.SAMPLED);
        StepRow last = new StepRow(List.of(21), 5, List.of(7, 9), new Sampling(0, 3, .9, .1, 2), .75, 2);
        TensorBatch batch = new TensorBatch(List.of(last, prompt), 4, RowGrouping.together(), 1);

        assertThat(batch.rows).isEqualTo(2);
        assertThat(batch.width).isEqualTo(3);
        assertThat(batch.order).as("the shorter one first").containsExactly(1, 0);
        assertThat(batch.ids).containsExactly(11, 12, 13, 21, 0, 0);
        assertThat(batch.positions).containsExactly(0, 1, 2, 5, 0, 0);
        assertThat(batch.slots).containsExactly(20, 21, 22, 9 * 4 + 1, 0, 0);
        assertThat(batch.groups).containsExactly(2, 2);
        assertThat(batch.tables).containsExactly(5, 0, 7, 9);
        assertThat(batch.last).containsExactly(2, 0);
    }

    @Test
    void padsEachGroupToItsOwnLongestRow() {
        StepRow one = row(List.of(5));
        StepRow two = row(List.of(7, 9));
        StepRow four = row(List.of(1, 2, 3, 4));
        TensorBatch batch = new TensorBatch(
                List.of(four, one, two),
                4,
                new RowGrouping() {
                    @Override
                    public int[] sizes(int[] blocks, long blockBytes) {
                        return new int[] {2, 1};
                    }

                    @Override
                    public long largestGroup(int rows, int blocks, long blockBytes) {
                        return 4;
                    }
                },
                1);
        assertThat(batch.order).containsExactly(1, 2, 0);
        assertThat(batch.groups).containsExactly(2, 2, 1, 4);
        assertThat(batch.tables).containsExactly(5, 0, 7, 9, 1, 2, 3, 4);
    }

    private static StepRow row(List<Integer> blocks) {
        return new StepRow(List.of(21), 0, blocks, Sampling.greedy(), 0, StepRow.SAMPLED);
    }
}
