package io.edistream.generator.decode;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One sequence's blocks in order, and the reservation for those that it does not need yet. */
final class BlockTable implements AutoCloseable {

    private final BlockPool pool;
    private final int blockSize;
    private final List<Integer> blocks = new ArrayList<>();
    private int reserved;

    private BlockTable(BlockPool pool, int blockSize, int reserved) {
        this.pool = pool;
        this.blockSize = blockSize;
        this.reserved = reserved;
    }

    /** Blocks for so many positions. */
    static int blocksFor(int positions, int blockSize) {
        return (positions + blockSize - 1) / blockSize;
    }

    /** A table with room for so many positions, empty if the pool has not enough blocks. */
    static Optional<BlockTable> reserve(BlockPool pool, int blockSize, int maxPositions) {
        int needed = blocksFor(maxPositions, blockSize);
        return pool.tryReserve(needed) ? Optional.of(new BlockTable(pool, blockSize, needed)) : Optional.empty();
    }

    /** New blocks that a fork needs: all but the full ones that it shares. */
    static int blocksForFork(int sharedPositions, int maxPositions, int blockSize) {
        return blocksFor(maxPositions, blockSize) - sharedPositions / blockSize;
    }

    /**
     * A table that shares the first positions of this one: full blocks by reference, the partial one as a copy.
     *
     * @param sharedPositions positions that both have, all of them written
     * @param maxPositions positions that the fork can ever need
     * @return empty if the pool has not enough blocks
     */
    Optional<Fork> fork(int sharedPositions, int maxPositions) {
        int needed = blocksForFork(sharedPositions, maxPositions, blockSize);
        if (!pool.tryReserve(needed)) {
            return Optional.empty();
        }
        BlockTable fork = new BlockTable(pool, blockSize, needed);
        int full = sharedPositions / blockSize;
        for (int block : blocks.subList(0, full)) {
            pool.share(block);
            fork.blocks.add(block);
        }
        if (sharedPositions % blockSize == 0) {
            return Optional.of(new Fork(fork, null));
        }
        fork.grow(sharedPositions);
        return Optional.of(new Fork(fork, new Copy(blocks.get(full), fork.blocks.get(full))));
    }

    /** Takes blocks out of the reservation until there is room for so many positions. */
    void grow(int positions) {
        while (blocks.size() * blockSize < positions) {
            blocks.add(pool.takeReserved());
            reserved--;
        }
    }

    /** The blocks in order. */
    List<Integer> blocks() {
        return List.copyOf(blocks);
    }

    /** Drops all references and gives the reservation back; a second time does nothing. */
    @Override
    public void close() {
        blocks.forEach(pool::release);
        blocks.clear();
        pool.unreserve(reserved);
        reserved = 0;
    }

    /**
     * A forked table.
     *
     * @param table the fork's own table
     * @param copy what to copy before it is used; null if nothing
     */
    record Fork(BlockTable table, @Nullable Copy copy) {}

    /**
     * A block to be copied.
     *
     * @param source block to read
     * @param destination block to write
     */
    record Copy(int source, int destination) {}
}
