package io.edistream.generator.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockPoolTest {

    private static final int BLOCK_SIZE = 4;

    @Test
    void givesEveryBlockButTheScratchOneOnce() {
        BlockPool pool = new BlockPool(5);
        assertThat(pool.tryReserve(4)).isTrue();
        Set<Integer> taken = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            taken.add(pool.takeReserved());
        }
        assertThat(taken).containsExactlyInAnyOrder(1, 2, 3, 4);
        assertThat(pool.used()).isEqualTo(pool.capacity()).isEqualTo(4);
    }

    @Test
    void refusesReservationsBeyondItsBlocks() {
        BlockPool pool = new BlockPool(5);
        assertThat(pool.tryReserve(5)).isFalse();
        assertThat(pool.tryReserve(3)).isTrue();
        assertThat(pool.tryReserve(2)).isFalse();
        assertThat(pool.tryReserve(1)).isTrue();
        assertThat(pool.available()).isZero();
    }

    @Test
    void refusesToTakeWithoutReservation() {
        BlockPool pool = new BlockPool(5);
        assertThatThrownBy(pool::takeReserved).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool.unreserve(1)).hasMessageContaining("only 0 are reserved");
    }

    @Test
    void refusesDoubleFreeAndForeignBlocks() {
        BlockPool pool = new BlockPool(5);
        pool.tryReserve(1);
        int block = pool.takeReserved();
        pool.release(block);
        assertThatThrownBy(() -> pool.release(block)).hasMessage("block " + block + " is not in use");
        assertThatThrownBy(() -> pool.share(block)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool.release(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool.release(5)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void needsABlockBesidesTheScratchOne() {
        assertThatThrownBy(() -> new BlockPool(1)).hasMessageContaining("at least 2");
    }

    @Test
    void forkSharesFullBlocksAndCopiesThePartialOne() {
        BlockPool pool = new BlockPool(50);
        BlockTable parent = BlockTable.reserve(pool, BLOCK_SIZE, 40).orElseThrow();
        parent.grow(18);
        assertThat(pool.used()).isEqualTo(5);

        BlockTable.Fork fork = parent.fork(18, 40).orElseThrow();

        assertThat(pool.used()).isEqualTo(6);
        assertThat(fork.table().blocks().subList(0, 4))
                .isEqualTo(parent.blocks().subList(0, 4));
        assertThat(pool.references(parent.blocks().get(0))).isEqualTo(2);
        assertThat(pool.references(parent.blocks().get(4))).isEqualTo(1);
        assertThat(fork.copy())
                .isEqualTo(new BlockTable.Copy(
                        parent.blocks().get(4), fork.table().blocks().get(4)));
    }

    @Test
    void forkAtABlockBoundaryCopiesNothing() {
        BlockPool pool = new BlockPool(50);
        BlockTable parent = BlockTable.reserve(pool, BLOCK_SIZE, 40).orElseThrow();
        parent.grow(18);
        assertThat(parent.fork(16, 40).orElseThrow().copy()).isNull();
        assertThat(pool.used()).isEqualTo(5);
    }

    @Test
    void forkThatDoesNotFitChangesNothing() {
        BlockPool pool = new BlockPool(1 + 10 + 5);
        BlockTable parent = BlockTable.reserve(pool, BLOCK_SIZE, 40).orElseThrow();
        parent.grow(18);
        // 10 blocks in all, 4 of them shared: 6 are needed and 5 are there.
        assertThat(parent.fork(18, 40)).isEmpty();
        assertThat(pool.available()).isEqualTo(5);
        assertThat(pool.references(parent.blocks().get(0))).isEqualTo(1);
        assertThat(parent.fork(20, 40)).as("5 shared, 5 needed").isPresent();
    }

    @Test
    void closingTwiceIsHarmless() {
        BlockPool pool = new BlockPool(10);
        BlockTable table = BlockTable.reserve(pool, BLOCK_SIZE, 20).orElseThrow();
        table.grow(9);
        table.close();
        table.close();
        assertThat(pool.available()).isEqualTo(pool.capacity());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void leaksNothingWhateverIsForkedGrownAndClosed(long seed) {
        Random random = new Random(seed);
        BlockPool pool = new BlockPool(200);
        List<BlockTable> tables = new ArrayList<>();
        List<Integer> written = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            int pick = tables.isEmpty() ? -1 : random.nextInt(tables.size());
            switch (random.nextInt(4)) {
                case 0 ->
                    BlockTable.reserve(pool, BLOCK_SIZE, 60).ifPresent(table -> {
                        tables.add(table);
                        written.add(0);
                    });
                case 1 -> {
                    if (pick >= 0) {
                        written.set(pick, Math.min(60, written.get(pick) + random.nextInt(8)));
                        tables.get(pick).grow(written.get(pick));
                    }
                }
                case 2 -> {
                    if (pick >= 0) {
                        int shared = random.nextInt(written.get(pick) + 1);
                        tables.get(pick).fork(shared, 60).ifPresent(fork -> {
                            tables.add(fork.table());
                            written.add(shared);
                        });
                    }
                }
                default -> {
                    if (pick >= 0) {
                        tables.remove(pick).close();
                        written.remove(pick);
                    }
                }
            }
            assertThat(pool.available()).isNotNegative();
        }
        tables.forEach(BlockTable::close);
        assertThat(pool.used()).isZero();
        assertThat(pool.available()).isEqualTo(pool.capacity());
    }
}
