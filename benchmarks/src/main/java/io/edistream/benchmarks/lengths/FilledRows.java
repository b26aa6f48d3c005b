package io.edistream.benchmarks.lengths;

import io.edistream.generator.decode.ModelInfo;
import io.edistream.generator.decode.StepRow;
import io.edistream.sequences.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Sequences of random tokens, each in blocks of its own.
 *
 * @param prompts per sequence, all of its tokens but the last: to be read before
 * @param decode per sequence, its last token: a step that can be repeated, since it writes the same keys each time
 */
public record FilledRows(List<StepRow> prompts, List<StepRow> decode) {

    private static final long SEED = 9;

    /**
     * Draws the tokens.
     *
     * @param lengths of the sequences, each at least 2
     * @throws IllegalArgumentException if the model's cache cannot hold them
     */
    public static FilledRows of(List<Integer> lengths, ModelInfo model) {
        Random random = new Random(SEED);
        List<StepRow> prompts = new ArrayList<>();
        List<StepRow> decode = new ArrayList<>();
        int next = 1;
        for (int length : lengths) {
            int end = next + (length + model.blockSize() - 1) / model.blockSize();
            if (end > model.blocks()) {
                throw new IllegalArgumentException("the cache of " + model.name() + " has " + model.blocks()
                        + " blocks, not the " + end + " that these sequences need");
            }
            List<Integer> blocks = IntStream.range(next, end).boxed().toList();
            next = end;
            List<Integer> tokens =
                    random.ints(length, 0, model.vocabularySize()).boxed().toList();
            prompts.add(row(tokens.subList(0, length - 1), 0, blocks));
            decode.add(row(tokens.subList(length - 1, length), length - 1, blocks));
        }
        return new FilledRows(prompts, decode);
    }

    private static StepRow row(List<Integer> tokens, int firstPosition, List<Integer> blocks) {
        return new StepRow(tokens, firstPosition, blocks, Sampling.of(0.8, SEED), 0.5, StepRow.SAMPLED);
    }
}
