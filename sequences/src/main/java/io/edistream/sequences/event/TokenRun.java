package io.edistream.sequences.event;

import io.edistream.sequences.DecodedToken;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive tokens of one sequence.
 *
 * @param sequence its number in the generator
 * @param firstToken index of the run's first token among the generated ones
 * @param tokens the tokens in order, at least one
 * @param text what they add to the sequence's text; null if nobody asked for it. Half a character comes with the run
 *     that completes it
 */
public record TokenRun(long sequence, int firstToken, List<DecodedToken> tokens, @Nullable String text) {

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
        return new TokenRun(sequence, firstToken, both, joined(text, next.text));
    }

    /** Both halves of a run of two tokens or more; the text goes with the first. */
    List<TokenRun> halves() {
        int middle = tokens.size() / 2;
        return List.of(
                new TokenRun(sequence, firstToken, tokens.subList(0, middle), text),
                new TokenRun(sequence, firstToken + middle, tokens.subList(middle, tokens.size()), null));
    }

    private static @Nullable String joined(@Nullable String first, @Nullable String second) {
        if (first == null) {
            return second;
        }
        return second == null ? first : first + second;
    }
}
