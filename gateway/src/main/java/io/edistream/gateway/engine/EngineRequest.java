package io.edistream.gateway.engine;

import io.edistream.sequences.Sampling;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks an engine for.
 *
 * @param route where it is decoded first
 * @param prompt what to continue
 * @param choices how many answers, at least 1; each has a seed of its own that follows from the request's
 * @param sampling how tokens are drawn
 * @param maxTokens most tokens of an answer, at least 1; null for what the engine gives to those that do not say
 * @param stop texts that end an answer and are no part of it
 * @param alternatives how many of the most probable tokens to tell for each token
 * @param name the client's own name for the request; null if it has none
 * @param traceContext W3C traceparent, 55 characters; null if there is none
 */
public record EngineRequest(
        String route,
        EnginePrompt prompt,
        int choices,
        Sampling sampling,
        @Nullable Integer maxTokens,
        List<String> stop,
        int alternatives,
        @Nullable String name,
        @Nullable String traceContext) {

    /** Copies the list. */
    public EngineRequest {
        stop = List.copyOf(stop);
    }
}
