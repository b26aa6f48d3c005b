package io.edistream.gateway.reading;

import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Route.Thinking;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.request.Endpoint;
import io.edistream.sequences.event.EntropyKind;
import io.edistream.signals.TopLogprobs.Listing;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an answer before it comes.
 *
 * @param kind what answers
 * @param endpoint which endpoint was asked
 * @param additions what was asked for in addition to what the client wrote: it is cut out again
 * @param alternatives log-probabilities per token that were asked for, by whom ever; 0 for none
 * @param vocabulary tokens in the model's vocabulary; 0 if unknown
 * @param thinking tags around reasoning inside the text; null if there are none
 */
public record ReadingOptions(
        UpstreamKind kind,
        Endpoint endpoint,
        Additions additions,
        int alternatives,
        int vocabulary,
        @Nullable Thinking thinking) {

    /**
     * How the answer of an upstream to a request is read.
     *
     * @param additions what it was asked for in addition
     */
    public static ReadingOptions of(Asked asked, Route route, Upstream upstream, Additions additions) {
        return new ReadingOptions(
                upstream.kind(),
                asked.endpoint(),
                additions,
                additions.logprobs() ? additions.alternatives() : asked.wantedAlternatives(),
                upstream.vocabulary(),
                route.thinking());
    }

    /**
     * What the entropies of the answer are of. Of an engine that is not known, or does not say, nothing better may be
     * assumed than that everything lies over its distribution.
     *
     * @param constrained whether the answer must have a form, or tools may be called
     */
    public EntropyKind entropyKind(boolean constrained) {
        EntropyKind.Distribution distribution =
                switch (kind) {
                    // Its raw log-probabilities are before temperature, and after a grammar's mask.
                    case VLLM -> constrained ? EntropyKind.Distribution.PROCESSED : EntropyKind.Distribution.RAW;
                    case SGLANG -> constrained ? EntropyKind.Distribution.PROCESSED : EntropyKind.Distribution.TEMPERED;
                    case LLAMACPP, OPENAI -> EntropyKind.Distribution.RAW;
                    case LMDEPLOY, GENERIC -> EntropyKind.Distribution.PROCESSED;
                };
        return new EntropyKind(distribution, EntropyKind.Measurement.BOUNDED, Math.max(1, alternatives));
    }

    /** Which tokens the engine lists. */
    Listing listing() {
        return switch (kind) {
            case LLAMACPP, SGLANG -> Listing.BY_RANK;
            case OPENAI -> endpoint == Endpoint.CHAT ? Listing.BY_RANK : Listing.WITH_DRAWN;
            case LMDEPLOY -> Listing.WITHOUT_DRAWN;
            // Of an unknown one the weaker is assumed: it holds for lists by rank as well.
            case VLLM, GENERIC -> Listing.WITH_DRAWN;
        };
    }

    /** Whether a choice has the member {@code logprobs}, then null, if nobody asks for log-probabilities. */
    boolean hasNullLogprobs() {
        return switch (kind) {
            case VLLM, SGLANG, LMDEPLOY, OPENAI -> true;
            case LLAMACPP -> endpoint == Endpoint.COMPLETIONS;
            case GENERIC -> false;
        };
    }

    /** Whether an event with a finish has the numbers of tokens only if somebody asks for them. */
    boolean hasUsageOnlyIfAsked() {
        return switch (kind) {
            case VLLM, SGLANG, LMDEPLOY -> true;
            case LLAMACPP, OPENAI, GENERIC -> false;
        };
    }
}
