package io.edistream.gateway.watch;

import io.edistream.sequences.Ability;
import io.edistream.sequences.ToldSampling;
import io.edistream.sequences.event.EntropyKind;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an answer before it begins.
 *
 * @param model name of the model that was asked for
 * @param route name of the route
 * @param upstream name of the upstream
 * @param kind which entropies its tokens have
 * @param vocabulary tokens in the model's vocabulary; 0 if unknown
 * @param sampling how its tokens are drawn, as far as the client says
 * @param choices how many of it there are, at least 1
 * @param request the client's name for the request; null if it gave none
 * @param group what its group is known by; null if it is in none with other requests
 * @param traceContext W3C traceparent of the request; null if it had none
 * @param stopsWhenClosed whether its engine is known to stop when the connection is closed
 * @param abilities what can be done with it
 */
public record AnswerFacts(
        String model,
        String route,
        String upstream,
        EntropyKind kind,
        int vocabulary,
        ToldSampling sampling,
        int choices,
        @Nullable String request,
        @Nullable String group,
        @Nullable String traceContext,
        boolean stopsWhenClosed,
        Set<Ability> abilities) {

    /** Copies the set. */
    public AnswerFacts {
        abilities = Set.copyOf(abilities);
    }
}
