package io.edistream.gateway.server;

import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.upstream.Backend;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import org.jspecify.annotations.Nullable;

/** One request to an upstream, from its opening until nobody waits for it any more. Used on the gateway's event loop. */
final class UpstreamCall {

    private final Exchange exchange;
    private final Upstream upstream;
    private final Backend backend;
    private final boolean anew;
    private final Listener listener;
    private @Nullable HttpClientRequest request;
    private boolean dropped;
    private boolean released;

    /** What becomes of it. */
    interface Listener {

        /** There is a connection. */
        default void opened() {}

        /** The head of an answer is there. */
        void answered(HttpClientResponse answer);

        /**
         * It broke off before it was answered.
         *
         * @param sent whether there was a connection
         */
        void failed(boolean sent);
    }

    /**
     * The upstream has one request more from now on.
     *
     * @param exchange whose headers go up
     * @param anew whether on a connection that nobody has used, which costs opening it
     */
    UpstreamCall(Exchange exchange, Upstream upstream, boolean anew, Listener listener) {
        this.exchange = exchange;
        this.upstream = upstream;
        this.anew = anew;
        this.listener = listener;
        backend = exchange.face().backends().of(upstream);
        backend.begins();
    }

    /**
     * Asks. Whoever listens hears nothing before this has returned.
     *
     * @param id what the request is called there
     * @param untouched whether the answer goes back as it is
     */
    void send(HttpMethod method, String pathAndQuery, String id, boolean untouched, byte[] body) {
        (anew ? backend.requestAnew(method, pathAndQuery) : backend.request(method, pathAndQuery))
                .onComplete(opened -> {
                    if (dropped) {
                        if (opened.succeeded()) {
                            opened.result().exceptionHandler(failure -> {}).reset();
                        }
                    } else if (opened.failed()) {
                        failed(opened.cause(), false);
                    } else {
                        send(opened.result(), id, untouched, body);
                    }
                });
    }

    private void send(HttpClientRequest to, String id, boolean untouched, byte[] body) {
        request = to;
        listener.opened();
        writeHeaders(to, id, untouched);
        to.exceptionHandler(failure -> {});
        to.response().onComplete(answered -> {
            if (dropped) {
                return;
            }
            if (answered.failed()) {
                failed(answered.cause(), true);
            } else {
                backend.answered();
                exchange.face().meters().answered(upstream, answered.result().statusCode());
                listener.answered(answered.result());
            }
        });
        if (body.length == 0) {
            to.end();
        } else {
            to.end(Buffer.buffer(body));
        }
    }

    private void writeHeaders(HttpClientRequest to, String id, boolean untouched) {
        Headers.up(exchange.request().headers(), to.headers(), untouched);
        to.putHeader(Headers.REQUEST_ID, id);
        if (!id.equals(exchange.id().text())) {
            // What is asked several times must not be taken for the same.
            to.headers().remove("Idempotency-Key");
        }
        String own = exchange.request().headers().get(HttpHeaders.AUTHORIZATION);
        if (upstream.key() != null) {
            to.putHeader(HttpHeaders.AUTHORIZATION, upstream.key().bearer());
        } else if (exchange.face().config().clients().isEmpty() && own != null) {
            to.putHeader(HttpHeaders.AUTHORIZATION, own);
        }
    }

    private void failed(Throwable cause, boolean sent) {
        backend.failed(cause);
        dropped = true;
        release();
        listener.failed(sent);
    }

    /** Whether there is, or was, a connection. */
    boolean isOpen() {
        return request != null;
    }

    /** The upstream is told that nobody listens any more. */
    void drop() {
        HttpClientRequest running = request;
        if (!dropped && running != null) {
            dropped = true;
            running.reset();
        }
        dropped = true;
        release();
    }

    /** The upstream has one request less. */
    void release() {
        if (!released) {
            released = true;
            backend.ends();
        }
    }
}
