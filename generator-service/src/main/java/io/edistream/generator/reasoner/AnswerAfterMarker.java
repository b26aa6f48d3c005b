package io.edistream.generator.reasoner;

import io.edistream.generator.decode.AnswerExtractor;
import io.edistream.generator.decode.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The answer is what stands behind the last marker token, its tokens joined without blanks: digits make a number. */
public final class AnswerAfterMarker implements AnswerExtractor {

    private final int endThink;
    private final int marker;
    private final Set<Integer> endsOfSequence;
    private final Tokenizer tokenizer;

    /**
     * @param endThink id of the token that ends the thinking
     * @param marker id of the token that the answer stands behind
     * @param endsOfSequence ids of the tokens that end the answer
     * @param tokenizer knows the words of ids
     */
    public AnswerAfterMarker(int endThink, int marker, Set<Integer> endsOfSequence, Tokenizer tokenizer) {
        this.endThink = endThink;
        this.marker = marker;
        this.endsOfSequence = endsOfSequence;
        this.tokenizer = tokenizer;
    }

    @Override
    public boolean isThinking(List<Integer> tokens) {
        return !tokens.contains(marker);
    }

    @Override
    public List<Integer> conclusion() {
        return List.of(endThink, marker);
    }

    @Override
    public Optional<String> answer(List<Integer> tokens) {
        int at = tokens.lastIndexOf(marker);
        if (at < 0) {
            return Optional.empty();
        }
        StringBuilder answer = new StringBuilder();
        for (int token : tokens.subList(at + 1, tokens.size())) {
            if (endsOfSequence.contains(token)) {
                break;
            }
            answer.append(tokenizer.word(token));
        }
        return answer.isEmpty() ? Optional.empty() : Optional.of(answer.toString());
    }
}
