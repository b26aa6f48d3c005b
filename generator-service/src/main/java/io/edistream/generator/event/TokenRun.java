package io.edistream.generator.event;

import io.edistream.generator.sequence.DecodedToken;
import java.util.ArrayList;
import java.util.List;

/**
 * Consecutive tokens of one sequence.
 *
 * @param sequence its number in the generator
 * @param firstToken index of the run's first token among the generated ones
 * @param tokens the tokens in order, at least one
 */
public record TokenRun(long sequence, int firstToken, List<DecodedToken> tokens) {

    /**
     * @throws IllegalArgumentException if there is no token
     */
    public TokenRun {
        tokens = List.copyOf(tokens);
        if (tokens.isEmpty()) {
            throw new IllegalArgumentException("a run of sequence " + sequence + " needs at least one token");
        }
    }

    /** Index after the last token. */
    public int end() {
        return firstToken + tokens.size();
    }

    /**
     * This run and the one that follows it, as one.
     *
     * @throws IllegalArgumentException if the other run is not the next one of the same sequence
     */
    public TokenRun followedBy(TokenRun next) {
        if (next.sequence != sequence || next.firstToken != end()) {
            throw new IllegalArgumentException("token " + next.firstToken + " of sequence " + next.sequence
                    + " does not follow token " + (end() - 1) + " of sequence " + sequence);
        }
        List<DecodedToken> both = new ArrayList<>(tokens);
        both.addAll(next.tokens);
        return new TokenRun(sequence, firstToken, both);
    }
}
