package io.edistream.generator.torch;

import io.edistream.generator.decode.StepRow;
import java.util.List;

/**
 * The rows of a step as the arrays that the module takes, row-major. Rows are padded on the right; padding is written to
 * slot 0, which belongs to the scratch block.
 */
final class TensorBatch {

    final int rows;
    /** T: new tokens of the longest row. */
    final int width;
    /** nb: blocks of the longest row. */
    final int tableWidth;
    /** [rows, width] */
    final long[] ids;
    /** [rows, width] */
    final long[] positions;
    /** [rows, width]: block times block size plus offset. */
    final long[] slots;
    /** [rows, tableWidth] */
    final long[] table;
    /** [rows]: index of the last real token. */
    final long[] last;
    /** [rows] */
    final double[] temperature;
    /** [rows] */
    final long[] topK;
    /** [rows] */
    final double[] topP;
    /** [rows] */
    final double[] minP;
    /** [rows] */
    final double[] uniform;
    /** [rows] */
    final long[] rank;

    TensorBatch(List<StepRow> batch, int blockSize) {
        rows = batch.size();
        width = batch.stream().mapToInt(row -> row.tokens().size()).max().orElse(0);
        tableWidth = batch.stream().mapToInt(row -> row.blocks().size()).max().orElse(0);
        ids = new long[rows * width];
        positions = new long[rows * width];
        slots = new long[rows * width];
        table = new long[rows * tableWidth];
        last = new long[rows];
        temperature = new double[rows];
        topK = new long[rows];
        topP = new double[rows];
        minP = new double[rows];
        uniform = new double[rows];
        rank = new long[rows];
        for (int row = 0; row < rows; row++) {
            fillTokens(row, batch.get(row), blockSize);
            fillSampling(row, batch.get(row));
        }
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
        for (int i = 0; i < from.blocks().size(); i++) {
            table[row * tableWidth + i] = from.blocks().get(i);
        }
        last[row] = tokens - 1L;
    }

    private void fillSampling(int row, StepRow from) {
        temperature[row] = from.sampling().temperature();
        topK[row] = from.sampling().topK();
        topP[row] = from.sampling().topP();
        minP[row] = from.sampling().minP();
        uniform[row] = from.uniform();
        rank[row] = from.forcedRank();
    }
}
