package io.edistream.generator.torch;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Groups of the least cost, where a group costs its start and one unit for each block that it gathers, padding included.
 * Exact, by dynamic programming over the first n rows.
 *
 * @param overheadBytes what starting a group costs, in bytes of keys
 * @param maxBytes most bytes of keys that a group of more than one row gathers
 */
record LengthGrouping(long overheadBytes, long maxBytes) implements RowGrouping {

    LengthGrouping {
        if (overheadBytes < 0 || maxBytes < 1) {
            throw new IllegalArgumentException(
                    "a group's overhead must be at least 0 bytes and its most at least 1, not " + overheadBytes
                            + " and " + maxBytes);
        }
    }

    @Override
    public int[] sizes(int[] blocks, long blockBytes) {
        long[] least = new long[blocks.length + 1];
        int[] lastGroup = new int[blocks.length + 1];
        for (int rows = 1; rows <= blocks.length; rows++) {
            int widest = blocks[rows - 1];
            least[rows] = Long.MAX_VALUE;
            for (int size = 1; size <= rows && (size == 1 || isAllowed(size, widest, blockBytes)); size++) {
                long cost = least[rows - size] + overheadBytes + size * (widest * blockBytes);
                if (cost < least[rows]) {
                    least[rows] = cost;
                    lastGroup[rows] = size;
                }
            }
        }
        Deque<Integer> sizes = new ArrayDeque<>();
        for (int rows = blocks.length; rows > 0; rows -= lastGroup[rows]) {
            sizes.addFirst(lastGroup[rows]);
        }
        return sizes.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public long largestGroup(int rows, int blocks, long blockBytes) {
        return Math.min((long) rows * blocks, Math.max(maxBytes / blockBytes, blocks));
    }

    private boolean isAllowed(int rows, int widest, long blockBytes) {
        return rows * (widest * blockBytes) <= maxBytes;
    }
}
