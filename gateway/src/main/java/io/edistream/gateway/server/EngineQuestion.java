package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.gateway.config.Upstream;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.time.Duration;

/** Something that the gateway itself asks an engine, for an answer of it: JSON in, JSON out, and not for long. Used on its event loop. */
final class EngineQuestion {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int OK = 200;

    private EngineQuestion() {}

    /**
     * Asks.
     *
     * @param exchange whose answer it is for: with its keys
     * @return what the engine says; fails with an {@link IOException} if it says anything but one JSON value with status 200, or nothing
     *     in time
     */
    static Future<JsonNode> post(Exchange exchange, Upstream upstream, String path, byte[] body) {
        Promise<JsonNode> said = Promise.promise();
        UpstreamCall call = new UpstreamCall(exchange, upstream, true, new UpstreamCall.Listener() {
            @Override
            public void answered(HttpClientResponse response) {
                read(response, path, exchange.face().config().limits().bodyBytes(), said);
            }

            @Override
            public void failed(boolean sent) {
                said.tryFail(new IOException(path + " cannot be asked"));
            }
        });
        long timer = exchange.face()
                .vertx()
                .setTimer(
                        PATIENCE.toMillis(),
                        due -> said.tryFail(new IOException(path + " is silent for " + PATIENCE.toSeconds() + " s")));
        call.send(HttpMethod.POST, path, exchange.id().text(), false, body);
        return said.future().onComplete(done -> {
            exchange.face().vertx().cancelTimer(timer);
            if (done.succeeded()) {
                call.release();
            } else {
                call.drop();
            }
        });
    }

    private static void read(HttpClientResponse response, String path, int limit, Promise<JsonNode> said) {
        Buffer read = Buffer.buffer();
        response.handler(bytes -> {
            if (read.length() + bytes.length() > limit) {
                said.tryFail(new IOException(path + " says more than " + limit + " bytes"));
            } else {
                read.appendBuffer(bytes);
            }
        });
        response.exceptionHandler(failure -> said.tryFail(new IOException(path + " broke off", failure)));
        response.endHandler(end -> {
            if (response.statusCode() != OK) {
                said.tryFail(new IOException(path + " answers with status " + response.statusCode()));
                return;
            }
            try {
                said.tryComplete(MAPPER.readTree(read.getBytes()));
            } catch (IOException e) {
                said.tryFail(new IOException(path + " says no JSON", e));
            }
        });
    }
}
