package io.edistream.sequences.event;

import io.edistream.schemas.RecordLimits;
import io.edistream.sequences.Continuation;
import io.edistream.sequences.ToldSampling;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stays the same for a sequence's whole life.
 *
 * @param sequence its number in the generator
 * @param group number of its prompt group
 * @param model name of the model
 * @param route name of the route
 * @param engine name of the engine that decodes
 * @param entropyKind kind of all its entropies
 * @param vocabularySize tokens in the model's vocabulary; 0 if unknown
 * @param promptTokens tokens of the prompt; -1 if unknown
 * @param parent the sequence that it was forked from; null for a root
 * @param forkToken index of the first token that it does not share with its parent; null for a root
 * @param continues the sequence that it goes on from; null if it is none's continuation
 * @param sampling how its tokens are drawn, as far as that is known
 * @param tokenClasses names of the token classes 0, 1, ...
 * @param plannedSamples samples of the prompt that its caller asked for, this one included
 * @param startedAtMicros when it was begun, microseconds since 1970-01-01 UTC
 * @param request the caller's name for the request, if any; cut at {@value RecordLimits#MAX_NAME_CHARACTERS} characters
 * @param traceContext W3C traceparent of the request, if any
 * @param prompt the prompt's text, if known and wanted; cut at {@value RecordLimits#MAX_TEXT_CHARACTERS} characters
 */
public record SequenceStarted(
        long sequence,
        long group,
        String model,
        String route,
        String engine,
        EntropyKind entropyKind,
        int vocabularySize,
        int promptTokens,
        @Nullable Long parent,
        @Nullable Integer forkToken,
        @Nullable Continuation continues,
        ToldSampling sampling,
        List<String> tokenClasses,
        int plannedSamples,
        long startedAtMicros,
        @Nullable String request,
        @Nullable String traceContext,
        @Nullable String prompt) {

    /** Cuts what a caller wrote. */
    public SequenceStarted {
        request = Cut.orNull(RecordLimits.MAX_NAME_CHARACTERS, request);
        prompt = Cut.orNull(RecordLimits.MAX_TEXT_CHARACTERS, prompt);
    }

    /** The same without the prompt. */
    public SequenceStarted withoutPrompt() {
        return new SequenceStarted(
                sequence,
                group,
                model,
                route,
                engine,
                entropyKind,
                vocabularySize,
                promptTokens,
                parent,
                forkToken,
                continues,
                sampling,
                tokenClasses,
                plannedSamples,
                startedAtMicros,
                request,
                traceContext,
                null);
    }
}
