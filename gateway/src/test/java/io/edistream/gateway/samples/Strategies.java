package io.edistream.gateway.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.edistream.gateway.config.Route;
import io.edistream.gateway.json.JsonBody;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.request.Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What clients ask for. */
final class Strategies {

    private Strategies() {}

    /**
     * @param members of the member {@code edistream}
     */
    static StrategyAsked of(String members) {
        return StrategyAsked.of(asked("{\"model\":\"m\",\"edistream\":{" + members + "}}"), Route.MAX_SAMPLES);
    }

    static Asked asked(String body) {
        try {
            return Asked.of(Endpoint.CHAT, JsonBody.of(body.getBytes(UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
