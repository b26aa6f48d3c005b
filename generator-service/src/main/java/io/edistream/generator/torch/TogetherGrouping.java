package io.edistream.generator.torch;

/** All rows in one group. */
record TogetherGrouping() implements RowGrouping {

    @Override
    public int[] sizes(int[] blocks, long blockBytes) {
        return new int[] {blocks.length};
    }

    @Override
    public long largestGroup(int rows, int blocks, long blockBytes) {
        return (long) rows * blocks;
    }
}
