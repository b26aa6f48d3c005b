package io.edistream.generator.decode;

import java.util.List;

/**
 * A language model with a paged key-value cache. Used by one thread.
 *
 * <p>A row's result must not depend on the rows beside it.
 */
public interface LanguageModel extends AutoCloseable {

    /** What was loaded, for people: the model's name and what it takes. */
    default String summary() {
        return info().name();
    }

    /** What it is. Does not change. */
    ModelInfo info();

    /**
     * Reads each row's new tokens into the cache and draws one token per row.
     *
     * @param rows at least one
     * @return one entry per row, in their order. A row that cannot be computed has statistics that are not finite, and
     *     leaves nothing in the cache that other rows could see, now or when its blocks have another owner
     * @throws RuntimeException if the model fails. It has written at most to the positions of the rows' new tokens, so
     *     that any of the rows can be tried again
     */
    List<Drawn> step(List<StepRow> rows);

    /**
     * Most bytes that a step allocates while it runs, beside the model and its cache. More rows, tokens or blocks never need
     * less.
     *
     * @param rows of the step
     * @param tokens most new tokens that one of them has
     * @param blocks most blocks that one of them has
     */
    long workingBytes(int rows, int tokens, int blocks);

    /** Copies a block of the cache onto another one, in all layers. */
    void copyBlock(int source, int destination);

    /** Frees the model and its cache. */
    @Override
    void close();
}
