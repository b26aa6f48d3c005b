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

    /** Finds none. */
    static AnswerExtractor none() {
        return tokens -> Optional.empty();
    }
}
