package io.edistream.generator.decode;

import java.util.List;

/**
 * What a call of a model may allocate while it runs.
 *
 * @param model whose calls
 * @param maxBytes most bytes, by the model's own bound
 */
record WorkingMemory(LanguageModel model, long maxBytes) {

    /** Whether rows fit into one call. */
    boolean fits(List<StepRow> rows) {
        int tokens = rows.stream().mapToInt(row -> row.tokens().size()).max().orElse(0);
        int blocks = rows.stream().mapToInt(row -> row.blocks().size()).max().orElse(0);
        return model.workingBytes(rows.size(), tokens, blocks) <= maxBytes;
    }

    /**
     * The most tokens of one sequence that fit into one call.
     *
     * @param firstPosition position of the first of them
     * @param maxTokens never more than these, at least 1
     * @return at least 1, which {@link #requireFits} has made sure of
     */
    int longestPart(int firstPosition, int maxTokens) {
        int fit = 1;
        int tooMany = maxTokens + 1;
        while (tooMany - fit > 1) {
            int middle = fit + (tooMany - fit) / 2;
            if (bytes(middle, firstPosition + middle) <= maxBytes) {
                fit = middle;
            } else {
                tooMany = middle;
            }
        }
        return fit;
    }

    /**
     * Refuses a sequence that would not fit by itself, one token at a time.
     *
     * @param positions that it can ever write to the cache
     * @throws IllegalArgumentException if it does not fit
     */
    void requireFits(int positions) {
        long needed = bytes(1, positions);
        if (needed > maxBytes) {
            throw new IllegalArgumentException("a sequence of up to " + positions + " tokens of model "
                    + model.info().name() + " needs " + needed
                    + " bytes of working memory for one token, but a call may use "
                    + maxBytes + " (maximum of working bytes; edistream generate --working-memory)");
        }
    }

    private long bytes(int tokens, int positions) {
        return model.workingBytes(
                1, tokens, BlockTable.blocksFor(positions, model.info().blockSize()));
    }
}
