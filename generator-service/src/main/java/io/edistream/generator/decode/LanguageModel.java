package io.edistream.generator.decode;

import io.edistream.generator.sequence.TokenStats;
import java.util.List;

/**
 * A language model with a paged key-value cache. Used by one thread.
 *
 * <p>A row's result must not depend on the rows beside it.
 */
public interface LanguageModel extends AutoCloseable {

    /** What it is. Does not change. */
    ModelInfo info();

    /**
     * Reads each row's new tokens into the cache and draws one token per row.
     *
     * @param rows at least one
     * @return one entry per row, in their order. A row that cannot be computed has statistics that are not finite; it is
     *     no fault of the others
     * @throws RuntimeException if the model fails; the rows' blocks hold nothing useful then
     */
    List<TokenStats> step(List<StepRow> rows);

    /** Copies a block of the cache onto another one, in all layers. */
    void copyBlock(int source, int destination);

    /**
     * Sets blocks of the cache to zero, in all layers. Called for blocks that may hold values that are not finite: where a
     * position is masked, such a value would still reach the result, so they must not be handed to another sequence.
     *
     * @param blocks numbers of the blocks, none of them 0
     */
    void clearBlocks(int[] blocks);

    /** Frees the model and its cache. */
    @Override
    void close();
}
