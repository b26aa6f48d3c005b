package io.edistream.gateway.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An engine that answers requests.
 *
 * @param name what metrics and events call it
 * @param base its address, without {@code /v1} and without a slash at its end
 * @param kind what it is
 * @param models names that clients may ask it for; empty if every name that nobody else has
 * @param key what it wants to be shown; null if nothing, so that the client's own key goes to it
 * @param authorities PEM file of the certificates that its own must be signed by; null for those that Java trusts
 * @param vocabulary tokens of its models' vocabularies; 0 if unknown
 * @param tokenizer name of its tokenizer and chat template; upstreams of one name understand each other's ids; null if nobody says
 * @param alternatives log-probabilities to ask for per token; 0 for none
 * @param exclusive whether nobody else uses it
 * @param streams requests at a time
 */
public record Upstream(
        String name,
        URI base,
        UpstreamKind kind,
        List<String> models,
        @Nullable Secret key,
        @Nullable Path authorities,
        int vocabulary,
        @Nullable String tokenizer,
        int alternatives,
        boolean exclusive,
        int streams) {

    /** Copies the list. */
    public Upstream {
        models = List.copyOf(models);
    }
}
