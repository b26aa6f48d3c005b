package io.edistream.gateway.server;

import io.edistream.gateway.config.Limits;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Locale;

/** The client's side of a request: the head of its answer, and what it gets while nothing comes. Used on the gateway's event loop. */
final class ClientResponse {

    private static final long STATUS_WAITS_MILLIS = 1_000;
    private static final long HEARTBEAT_MILLIS = 5_000;

    private final Vertx vertx;
    private final Limits limits;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final String requestId;
    private boolean eventStream;
    private long bytes;
    private long heartbeat = -1;

    ClientResponse(Vertx vertx, Limits limits, HttpServerRequest request, String requestId) {
        this.vertx = vertx;
        this.limits = limits;
        this.request = request;
        this.response = request.response();
        this.requestId = requestId;
    }

    static boolean isEventStream(HttpClientResponse from) {
        String type = from.getHeader(HttpHeaders.CONTENT_TYPE);
        return type != null && type.toLowerCase(Locale.ROOT).startsWith("text/event-stream");
    }

    /** Whether status and headers are on their way. */
    boolean headWritten() {
        return response.headWritten();
    }

    /** The status that it has, or will have. */
    int status() {
        return response.getStatusCode();
    }

    /** Bytes of the answer that were written. */
    long bytes() {
        return bytes;
    }

    void header(CharSequence name, String value) {
        response.putHeader(name, value);
    }

    /**
     * A client that waits for the first token of a stream gets its status after a while, and then comments, so that nobody on the
     * way takes it for dead. Once is enough, however often upstreams are asked.
     *
     * @param why what it waits for, for people who look
     */
    void waitWithHeartbeats(String why) {
        Buffer comment = Buffer.buffer(": " + why + "\n\n");
        if (heartbeat >= 0 || response.headWritten()) {
            return;
        }
        heartbeat = vertx.setTimer(STATUS_WAITS_MILLIS, due -> {
            ownStreamHead();
            response.write(comment);
            heartbeat = vertx.setPeriodic(HEARTBEAT_MILLIS, again -> response.write(comment));
        });
    }

    private void ownStreamHead() {
        eventStream = true;
        response.setStatusCode(200)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                .putHeader(Headers.REQUEST_ID, requestId)
                .setChunked(true);
    }

    /** The head of a stream of our own making; again and again does no harm. */
    void beginStream() {
        stopHeartbeats();
        if (!eventStream) {
            ownStreamHead();
        }
        response.setWriteQueueMaxSize(limits.bufferBytes());
    }

    void stopHeartbeats() {
        if (heartbeat >= 0) {
            vertx.cancelTimer(heartbeat);
            heartbeat = -1;
        }
    }

    /** Status and headers as the upstream has them. */
    void startHead(HttpClientResponse from) {
        stopHeartbeats();
        if (response.headWritten()) {
            return;
        }
        eventStream = isEventStream(from);
        response.setStatusCode(from.statusCode());
        Headers.down(from.headers(), response.headers());
        response.putHeader(Headers.REQUEST_ID, requestId);
    }

    /** The head of a stream that is read as it passes. */
    void beginStream(HttpClientResponse from) {
        startHead(from);
        if (!response.headWritten()) {
            response.setChunked(true);
        }
        response.setWriteQueueMaxSize(limits.bufferBytes());
    }

    /** The status of an error that is about to be sent. */
    void willBe(int status) {
        response.setStatusCode(status);
    }

    /** A body of our own making. */
    void body(int status, byte[] whole) {
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(whole.length))
                .putHeader(Headers.REQUEST_ID, requestId);
        write(Buffer.buffer(whole));
    }

    /** The head of an answer whose bytes follow at once. */
    void beginBody(HttpClientResponse from, int length) {
        startHead(from);
        response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(length));
    }

    /** An answer as it is, no faster than the client reads. */
    void pass(HttpClientResponse from, Runnable activity) {
        startHead(from);
        String length = from.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            response.setChunked(true);
        } else {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, length);
        }
        // A client may wait for the head alone.
        response.writeHead();
        activity.run();
        from.handler(part -> {
            activity.run();
            bytes += part.length();
            response.write(part);
            if (response.writeQueueFull()) {
                from.pause();
                response.drainHandler(drained -> from.resume());
            }
        });
    }

    /** A part of the answer. False if the client reads so slowly that too much waits. */
    boolean write(Buffer part) {
        bytes += part.length();
        response.write(part);
        return !response.writeQueueFull() || !response.isChunked();
    }

    /** All of a stream that is whole already: as much as it is, none of it piles up since its client reads slowly. */
    void writeWhole(Buffer all) {
        bytes += all.length();
        response.write(all);
    }

    /** The answer is whole. */
    void end() {
        response.end();
    }

    /** An error of our own, as a status or, where the answer has begun, as an event. */
    void error(ApiError error) {
        if (!response.headWritten()) {
            error.send(response);
        } else if (eventStream) {
            response.end(error.event());
        } else {
            cut();
        }
    }

    /** Breaks off: a proper end would be a lie. */
    void cut() {
        request.connection().close();
    }
}
