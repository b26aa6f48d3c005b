package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowGroupingTest {

    private static final long NO_LIMIT = Long.MAX_VALUE;

    @Test
    void aLongRowIsNotPutBesideShortOnes() {
        int[] blocks = new int[64];
        Arrays.fill(blocks, 3);
        blocks[63] = 30;
        assertThat(RowGrouping.byLength(12, NO_LIMIT).sizes(blocks, 1)).containsExactly(63, 1);
        assertThat(RowGrouping.together().sizes(blocks, 1)).containsExactly(64);
    }

    @Test
    void aGroupThatSavesLessThanItCostsIsNotMade() {
        // Apart: 2 * overhead + 2 + 5. Together: overhead + 10. Equal at an overhead of 3.
        assertThat(RowGrouping.byLength(2, NO_LIMIT).sizes(new int[] {2, 5}, 1)).containsExactly(1, 1);
        assertThat(RowGrouping.byLength(4, NO_LIMIT).sizes(new int[] {2, 5}, 1)).containsExactly(2);
        assertThat(RowGrouping.byLength(4, NO_LIMIT).sizes(new int[] {2, 5}, 2))
                .as("larger blocks")
                .containsExactly(1, 1);
    }

    @Test
    void noGroupOfSeveralRowsIsLargerThanTheLimit() {
        assertThat(RowGrouping.byLength(100, 6).sizes(new int[] {1, 2, 2, 2}, 1))
                .containsExactly(1, 3);
        assertThat(RowGrouping.byLength(100, 6).sizes(new int[] {7, 7}, 1))
                .as("a row is never cut")
                .containsExactly(1, 1);
        assertThat(RowGrouping.byLength(100, 6).largestGroup(4, 2, 1)).isEqualTo(6);
        assertThat(RowGrouping.byLength(100, 6).largestGroup(2, 7, 1)).isEqualTo(7);
        assertThat(RowGrouping.byLength(100, 6).largestGroup(2, 2, 1)).isEqualTo(4);
        assertThat(RowGrouping.together().largestGroup(2, 7, 1)).isEqualTo(14);
    }

    /** Against all ways to cut the rows. */
    @Test
    void noOtherGroupsCostLess() {
        Random random = new Random(3);
        for (int round = 0; round < 200; round++) {
            int[] blocks = random.ints(1 + random.nextInt(9), 1, 12).sorted().toArray();
            int overhead = random.nextInt(15);
            int[] sizes = RowGrouping.byLength(overhead, NO_LIMIT).sizes(blocks, 1);
            assertThat(Arrays.stream(sizes).sum()).isEqualTo(blocks.length);
            long least = Long.MAX_VALUE;
            for (int cuts = 0; cuts < 1 << (blocks.length - 1); cuts++) {
                least = Math.min(least, cost(blocks, cuts, overhead));
            }
            int chosen = 0;
            int end = 0;
            for (int group = 0; group < sizes.length - 1; group++) {
                end += sizes[group];
                chosen |= 1 << (end - 1);
            }
            assertThat(cost(blocks, chosen, overhead)).isEqualTo(least);
        }
    }

    @Test
    void refusesCostsThatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RowGrouping.byLength(-1, 1))
                .withMessageContaining("-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RowGrouping.byLength(0, 0))
                .withMessageContaining("0 and 0");
    }

    /** Bit i of the cuts: whether a group ends behind row i. */
    private static long cost(int[] blocks, int cuts, int overhead) {
        long cost = 0;
        int rows = 0;
        for (int row = 0; row < blocks.length; row++) {
            rows++;
            if (row == blocks.length - 1 || (cuts >> row & 1) == 1) {
                cost += overhead + (long) rows * blocks[row];
                rows = 0;
            }
        }
        return cost;
    }
}
