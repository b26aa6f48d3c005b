package io.edistream.gateway.server;

import io.edistream.gateway.config.Route;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Asked;
import io.vertx.core.http.HttpClientResponse;

/** TEMPORARY. */
final class Answer {

    private final Exchange exchange;
    private final HttpClientResponse from;

    Answer(
            Exchange exchange,
            Asked asked,
            Route route,
            Route.Target target,
            Additions additions,
            HttpClientResponse from) {
        this.exchange = exchange;
        this.from = from;
    }

    void begin() {
        exchange.passThrough(from);
    }

    void clientLeft() {}

    void upstreamFailed() {}

    boolean isStreamed() {
        return true;
    }
}
