package io.edistream.generator.torch;

import io.edistream.generator.decode.StepRow;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The rows of a call as the arrays that the module takes, row-major, in the order of their blocks. Tokens are padded on
 * the right; padding is written to slot 0, which belongs to the scratch block.
 */
final class TensorBatch {

    final int rows;
    /** T: new tokens of the longest row. */
    final int width;
    /** [rows]: which of the caller's rows each one is. */
    final int[] order;
    /** [rows, width] */
    final long[] ids;
    /** [rows, width] */
    final long[] positions;
    /** [rows, width]: block times block size plus offset. */
    final long[] slots;
    /** [groups, 2]: rows of each group, blocks per row. */
    final long[] groups;
    /** The groups' tables behind one another, each [rows of the group, blocks per row]. */
    final long[] tables;
    /** [rows]: index of the last real token. */
    final long[] last;
    /**
     * @param batch at least one row
     * @param blockSize tokens per block of the cache
     * @param blockBytes bytes of the keys of one block in one layer
     */
    TensorBatch(List<StepRow> batch, int blockSize, RowGrouping grouping, long blockBytes) {
        rows = batch.size();
        width = batch.stream().mapToInt(row -> row.tokens().size()).max().orElse(0);
        order = IntStream.range(0, rows)
                .boxed()
                .sorted(Comparator.comparingInt(row -> batch.get(row).blocks().size()))
                .mapToInt(Integer::intValue)
                .toArray();
        List<StepRow> ordered =
                IntStream.of(order).<StepRow>mapToObj(batch::get).toList();
        ids = new long[rows * width];
        positions = new long[rows * width];
        slots = new long[rows * width];
        last = new long[rows];
        for (int row = 0; row < rows; row++) {
            fillTokens(row, ordered.get(row), blockSize);
        }
        int[] blocks = ordered.stream().mapToInt(row -> row.blocks().size()).toArray();
        int[] sizes = grouping.sizes(blocks, blockBytes);
        groups = new long[2 * sizes.length];
        tables = new long[fillGroups(sizes, blocks)];
        fillTables(ordered);
    }

    private void fillTokens(int row, StepRow from, int blockSize) {
        int tokens = from.tokens().size();
        for (int i = 0; i < tokens; i++) {
            int position = from.firstPosition() + i;
            long block = from.blocks().get(position / blockSize);
            ids[row * width + i] = from.tokens().get(i);
            positions[row * width + i] = position;
            slots[row * width + i] = block * blockSize + position % blockSize;
        }
        last[row] = tokens - 1L;
    }

    /** Returns how long the tables are together. */
    private int fillGroups(int[] sizes, int[] blocks) {
        int end = 0;
        int length = 0;
        for (int group = 0; group < sizes.length; group++) {
            end += sizes[group];
            int widest = blocks[end - 1];
            groups[2 * group] = sizes[group];
            groups[2 * group + 1] = widest;
            length = Math.addExact(length, Math.multiplyExact(sizes[group], widest));
        }
        return length;
    }

    private void fillTables(List<StepRow> ordered) {
        int row = 0;
        int start = 0;
        for (int group = 0; group < groups.length; group += 2) {
            for (long i = 0; i < groups[group]; i++, row++) {
                List<Integer> blocks = ordered.get(row).blocks();
                for (int block = 0; block < blocks.size(); block++) {
                    tables[start + block] = blocks.get(block);
                }
                start += (int) groups[group + 1];
            }
        }
    }
}
