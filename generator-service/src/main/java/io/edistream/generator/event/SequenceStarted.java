package io.edistream.generator.event;

import io.edistream.generator.sequence.Sampling;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stays the same for a sequence's whole life.
 *
 * @param sequence its number in the generator
 * @param group number of its prompt group
 * @param model name of the model
 * @param route name of the route
 * @param entropyKind kind of all its entropies
 * @param vocabularySize tokens in the model's vocabulary
 * @param promptTokens tokens of the prompt
 * @param parent the sequence that it was forked from; null for a root
 * @param forkToken index of the first token that it does not share with its parent; null for a root
 * @param sampling how its tokens are drawn
 * @param tokenClasses names of the token classes 0, 1, ...
 * @param request the caller's name for the request, if any
 * @param prompt the prompt's text, if known
 */
public record SequenceStarted(
        long sequence,
        long group,
        String model,
        String route,
        EntropyKind entropyKind,
        int vocabularySize,
        int promptTokens,
        @Nullable Long parent,
        @Nullable Integer forkToken,
        Sampling sampling,
        List<String> tokenClasses,
        @Nullable String request,
        @Nullable String prompt) {}
