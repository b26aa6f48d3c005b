package io.edistream.generator.torch;

import io.edistream.generator.decode.AnswerExtractor;
import java.util.List;
import java.util.Optional;

/**
 * For models that think between two tokens. What of the text behind it is the answer only its reader knows, so none is found.
 *
 * @param begin id of the token before the thinking
 * @param end id of the token behind it
 */
record AnswerBehindThinking(int begin, int end) implements AnswerExtractor {

    @Override
    public Optional<String> answer(List<Integer> tokens) {
        return Optional.empty();
    }

    @Override
    public boolean isThinking(List<Integer> tokens) {
        return tokens.lastIndexOf(begin) > tokens.lastIndexOf(end);
    }

    @Override
    public List<Integer> conclusion() {
        return List.of(end);
    }
}
