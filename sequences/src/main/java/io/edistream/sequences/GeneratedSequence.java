package io.edistream.sequences;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sequence that has ended.
 *
 * @param counter its number in the generator
 * @param group the number of its prompt group
 * @param route name of the route that decoded it
 * @param model name of the model that decoded it
 * @param request the caller's name for the request, if any
 * @param sampling how its tokens were drawn, as far as that is known
 * @param parent the sequence that it was forked from; null for a root
 * @param forkToken index of the first token that it does not share with its parent; null for a root
 * @param continues the sequence that it goes on from; null if it is none's continuation
 * @param promptTokens token ids of the prompt; empty if unknown
 * @param tokens generated tokens, those shared with the parent included; only the last ones if the engine keeps none
 * @param reason why it ended
 * @param thinkingOpen whether the model had not begun to answer
 * @param text the generated tokens as text, without the end-of-sequence token
 * @param answer the extracted answer, if there is one
 * @param answerClass number of the answer within the group, from 0 by first appearance; null if there is no answer
 * @param correct whether the answer is right; null if nobody knows
 */
public record GeneratedSequence(
        long counter,
        long group,
        String route,
        String model,
        @Nullable String request,
        ToldSampling sampling,
        @Nullable Long parent,
        @Nullable Integer forkToken,
        @Nullable Continuation continues,
        List<Integer> promptTokens,
        List<DecodedToken> tokens,
        EndReason reason,
        boolean thinkingOpen,
        String text,
        @Nullable String answer,
        @Nullable Integer answerClass,
        @Nullable Boolean correct) {

    /** Copies the lists. */
    public GeneratedSequence {
        promptTokens = List.copyOf(promptTokens);
        tokens = List.copyOf(tokens);
    }
}
