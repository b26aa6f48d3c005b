package io.edistream.generator.decode;

import java.util.List;
import java.util.Optional;

/** Finds the answer in a sequence's tokens. Thread-safe. */
@FunctionalInterface
public interface AnswerExtractor {

    /** The answer in the generated tokens, empty if there is none. */
    Optional<String> answer(List<Integer> tokens);

    /** Whether the model has not begun to answer. A format without a mark between both has no thinking. */
    default boolean isThinking(List<Integer> tokens) {
        return false;
    }

    /**
     * What is forced to end the thinking and begin the answer, token ids. Empty if the format has no marks for that: whoever
     * concludes must say what to force then.
     */
    default List<Integer> conclusion() {
        return List.of();
    }

    /** Finds none. */
    static AnswerExtractor none() {
        return tokens -> Optional.empty();
    }
}
