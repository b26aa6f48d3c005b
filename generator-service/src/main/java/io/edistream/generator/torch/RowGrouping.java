package io.edistream.generator.torch;

/**
 * How the rows of a call are put into groups. Attention runs group by group and pads every row of a group to its longest
 * one; all else runs for all rows at once. What a row comes to does not depend on its group.
 */
public interface RowGrouping {

    /**
     * Puts rows that stand in the order of their lengths into groups of neighbours.
     *
     * @param blocks of the key-value cache that each row has, ascending, at least one row
     * @param blockBytes bytes of the keys of one block in one layer
     * @return rows of each group, in order; their sum is the number of rows
     */
    int[] sizes(int[] blocks, long blockBytes);

    /**
     * Most blocks that the rows of one group can have together, padding included.
     *
     * @param rows of the call
     * @param blocks of the longest row
     * @param blockBytes bytes of the keys of one block in one layer
     */
    long largestGroup(int rows, int blocks, long blockBytes);

    /** All rows in one group: each reads as many keys as the longest. */
    static RowGrouping together() {
        return new TogetherGrouping();
    }

    /**
     * The groups that cost least.
     *
     * @param overheadBytes what starting a group costs, in bytes of keys that could be gathered meanwhile, at least 0
     * @param maxBytes most bytes of keys that a group of more than one row gathers at a time, at least 1: what stays in a
     *     processor's cache is read again for less
     * @throws IllegalArgumentException if a number is out of its bounds
     */
    static RowGrouping byLength(long overheadBytes, long maxBytes) {
        return new LengthGrouping(overheadBytes, maxBytes);
    }
}
