package io.edistream.generator.decode;

import java.util.Set;

/**
 * What the decode loop must know of a model.
 *
 * @param name of the model, for instance reasoner-s; 1 to 256 characters
 * @param vocabularySize tokens in the vocabulary
 * @param maxPositions longest sequence, prompt included, tokens
 * @param endsOfSequence ids of the tokens that end a sequence, at least one
 * @param blockSize tokens per block of the key-value cache
 * @param blocks blocks of the key-value cache, block 0 included, which is scratch
 */
public record ModelInfo(
        String name, int vocabularySize, int maxPositions, Set<Integer> endsOfSequence, int blockSize, int blocks) {

    /**
     * @throws IllegalArgumentException if a component is out of its bounds
     */
    public ModelInfo {
        Route.requireName("model", name);
        atLeast(2, vocabularySize, "vocabulary size", name);
        atLeast(1, maxPositions, "positions", name);
        atLeast(1, blockSize, "block size", name);
        atLeast(2, blocks, "blocks", name);
        endsOfSequence = Set.copyOf(endsOfSequence);
        atLeast(1, endsOfSequence.size(), "end-of-sequence tokens", name);
        for (int end : endsOfSequence) {
            if (end < 0 || end >= vocabularySize) {
                throw new IllegalArgumentException("end-of-sequence token of model " + name + " must be from 0 to "
                        + (vocabularySize - 1) + ", not " + end);
            }
        }
    }

    /** With one token that ends a sequence. */
    public ModelInfo(String name, int vocabularySize, int maxPositions, int endOfSequence, int blockSize, int blocks) {
        this(name, vocabularySize, maxPositions, Set.of(endOfSequence), blockSize, blocks);
    }

    /** Whether a token ends a sequence. */
    boolean isEnd(int token) {
        return endsOfSequence.contains(token);
    }

    private static void atLeast(int least, int value, String what, String model) {
        if (value < least) {
            throw new IllegalArgumentException(
                    what + " of model " + model + " must be at least " + least + ", not " + value);
        }
    }
}
