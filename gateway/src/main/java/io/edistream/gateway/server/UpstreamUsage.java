package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.reading.Usage;

/**
 * What one of the requests has used that an answer was made of.
 *
 * @param upstream who was asked
 * @param counted what it has read and decoded, as far as that is known
 * @param discarded tokens that it has decoded and the client did not get
 */
record UpstreamUsage(String upstream, Usage counted, int discarded) {

    /** What is not known has no member. */
    void write(ArrayNode to) {
        ObjectNode one = to.addObject().put("upstream", upstream);
        put(one, "prompt_tokens", counted.promptTokens());
        put(one, "cached_tokens", counted.cachedTokens());
        put(one, "completion_tokens", counted.completionTokens());
        one.put("discarded_tokens", discarded);
    }

    private static void put(ObjectNode to, String name, int tokens) {
        if (tokens >= 0) {
            to.put(name, tokens);
        }
    }
}
