package io.edistream.sequences.hub;

import io.edistream.sequences.Continuation;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.SequenceNames;
import io.edistream.sequences.event.EntropyKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What never changes of a sequence.
 *
 * @param model name of its model
 * @param route name of its route
 * @param engine what produces its tokens
 * @param entropyKind which entropy its tokens have
 * @param vocabularySize tokens that the model can produce
 * @param promptTokens ids of its prompt
 * @param sampling how its tokens are drawn
 * @param tokenClasses names of the token classes 0, 1, ...
 * @param origin where it was forked; null if it was not
 * @param continues the sequence that it goes on from; null if it is none's continuation
 * @param request its caller's name for the request; null if it gave none
 * @param traceContext W3C traceparent of the request; null if it had none
 * @param promptText the prompt's text; null if its caller gave ids
 */
public record SequenceFacts(
        String model,
        String route,
        Engine engine,
        EntropyKind entropyKind,
        int vocabularySize,
        List<Integer> promptTokens,
        Sampling sampling,
        List<String> tokenClasses,
        @Nullable Origin origin,
        @Nullable Continuation continues,
        @Nullable String request,
        @Nullable String traceContext,
        @Nullable String promptText) {

    /** Copies the lists. */
    public SequenceFacts {
        promptTokens = List.copyOf(promptTokens);
        tokenClasses = List.copyOf(tokenClasses);
    }

    /**
     * Where a branch comes from.
     *
     * @param parent the sequence that it was forked from
     * @param forkToken index of the first token that they do not share
     */
    public record Origin(long parent, int forkToken) {}

    SequenceNames names() {
        return new SequenceNames(model, route, request, traceContext);
    }
}
