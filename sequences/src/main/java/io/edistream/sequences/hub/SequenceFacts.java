package io.edistream.sequences.hub;

import io.edistream.sequences.Continuation;
import io.edistream.sequences.SequenceNames;
import io.edistream.sequences.ToldSampling;
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
 * @param vocabularySize tokens that the model can produce; 0 if unknown
 * @param promptLength tokens of its prompt; -1 if unknown
 * @param promptTokens their ids; empty if unknown
 * @param sampling how its tokens are drawn, as far as that is known
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
        int promptLength,
        List<Integer> promptTokens,
        ToldSampling sampling,
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

    /** The same, but for what it was given of the sequence that it goes on from. */
    SequenceFacts sharing(Continuation.Method method, int tokens) {
        if (continues == null) {
            throw new IllegalStateException("it goes on from none");
        }
        return new SequenceFacts(
                model,
                route,
                engine,
                entropyKind,
                vocabularySize,
                promptLength,
                promptTokens,
                sampling,
                tokenClasses,
                origin,
                new Continuation(continues.sequence(), continues.cause(), method, tokens),
                request,
                traceContext,
                promptText);
    }

    SequenceNames names() {
        return new SequenceNames(model, route, request, traceContext);
    }
}
