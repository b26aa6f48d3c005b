package io.edistream.generator.decode;

/**
 * The blocks of a key-value cache, with reference counts and reservations. A sequence reserves what it can ever need
 * before it starts, so that it never fails for lack of blocks; what it takes later comes out of its reservation.
 *
 * <p>Block 0 is scratch: padding is written there, and nobody gets it. Used by one thread.
 */
final class BlockPool {

    private final int[] references;
    private final int[] free;
    private int freeCount;
    private int reserved;

    /**
     * @param blocks all blocks, the scratch block included, at least 2
     */
    BlockPool(int blocks) {
        if (blocks < 2) {
            throw new IllegalArgumentException("a block pool needs at least 2 blocks, not " + blocks);
        }
        references = new int[blocks];
        free = new int[blocks - 1];
        for (int block = blocks - 1; block >= 1; block--) {
            free[freeCount++] = block;
        }
    }

    /** Blocks that can hold something. */
    int capacity() {
        return free.length;
    }

    /** Blocks that hold something. */
    int used() {
        return free.length - freeCount;
    }

    /** Blocks that are neither used nor reserved. */
    int available() {
        return freeCount - reserved;
    }

    /** How many sequences refer to a block. */
    int references(int block) {
        return references[block];
    }

    /** Reserves blocks if there are that many; otherwise changes nothing and returns false. */
    boolean tryReserve(int blocks) {
        if (blocks > available()) {
            return false;
        }
        reserved += blocks;
        return true;
    }

    /** Gives a reservation back. */
    void unreserve(int blocks) {
        if (blocks > reserved) {
            throw new IllegalStateException(blocks + " blocks given back, but only " + reserved + " are reserved");
        }
        reserved -= blocks;
    }

    /** A block out of a reservation, with one reference. */
    int takeReserved() {
        unreserve(1);
        int block = free[--freeCount];
        references[block] = 1;
        return block;
    }

    /** Adds a reference to a block in use. */
    void share(int block) {
        requireUsed(block);
        references[block]++;
    }

    /** Drops a reference; the last one frees the block. */
    void release(int block) {
        requireUsed(block);
        if (--references[block] == 0) {
            free[freeCount++] = block;
        }
    }

    private void requireUsed(int block) {
        if (block < 1 || block >= references.length || references[block] == 0) {
            throw new IllegalStateException("block " + block + " is not in use");
        }
    }
}
