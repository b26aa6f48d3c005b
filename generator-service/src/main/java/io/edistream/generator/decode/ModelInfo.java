package io.edistream.generator.decode;

/**
 * What the decode loop must know of a model.
 *
 * @param name of the model, for instance reasoner-s; 1 to 256 characters
 * @param vocabularySize tokens in the vocabulary
 * @param maxPositions longest sequence, prompt included, tokens
 * @param endOfSequence id of the token that ends a sequence
 * @param blockSize tokens per block of the key-value cache
 * @param blocks blocks of the key-value cache, block 0 included, which is scratch
 */
public record ModelInfo(
        String name, int vocabularySize, int maxPositions, int endOfSequence, int blockSize, int blocks) {

    /**
     * @throws IllegalArgumentException if a component is out of its bounds
     */
    public ModelInfo {
        Route.requireName("model", name);
        atLeast(2, vocabularySize, "vocabulary size", name);
        atLeast(1, maxPositions, "positions", name);
        atLeast(1, blockSize, "block size", name);
        atLeast(2, blocks, "blocks", name);
        if (endOfSequence < 0 || endOfSequence >= vocabularySize) {
            throw new IllegalArgumentException("end-of-sequence token of model " + name + " must be from 0 to "
                    + (vocabularySize - 1) + ", not " + endOfSequence);
        }
    }

    private static void atLeast(int least, int value, String what, String model) {
        if (value < least) {
            throw new IllegalArgumentException(
                    what + " of model " + model + " must be at least " + least + ", not " + value);
        }
    }
}
