package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.upstream.Backends;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * An error of the gateway's own, as OpenAI's clients read one.
 *
 * @param status of HTTP
 * @param type as OpenAI names it
 * @param code as OpenAI names it; null if it has none
 * @param message for whoever can act
 */
record ApiError(int status, String type, @Nullable String code, String message) {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    static ApiError badRequest(String message) {
        return new ApiError(400, "invalid_request_error", null, message);
    }

    static ApiError unauthorised() {
        return new ApiError(
                401,
                "invalid_request_error",
                "invalid_api_key",
                "the gateway does not know this key: send one that its operator gave you as Authorization: Bearer KEY");
    }

    static ApiError unknownModel(String message) {
        return new ApiError(404, "invalid_request_error", "model_not_found", message);
    }

    static ApiError tooLarge(int bytes) {
        return new ApiError(
                413, "invalid_request_error", null, "the body has more than the " + bytes + " bytes that are allowed");
    }

    static ApiError tooMany(String message) {
        return new ApiError(429, "rate_limit_error", "rate_limit_exceeded", message);
    }

    static ApiError noSuchMethod() {
        return new ApiError(405, "invalid_request_error", null, "only POST is possible here");
    }

    static ApiError failed(String message) {
        return new ApiError(500, "api_error", "engine_failed", message);
    }

    static ApiError unreachable(String message) {
        return new ApiError(502, "api_error", "upstream_unreachable", message);
    }

    static ApiError unavailable(String message) {
        return new ApiError(503, "api_error", "upstream_unavailable", message);
    }

    static ApiError tooSlow(String message) {
        return new ApiError(504, "api_error", "upstream_timeout", message);
    }

    /** Nobody of a route may be asked now. */
    static ApiError nobody(Route route, Backends backends) {
        return backends.anyUp(route)
                ? tooMany("all upstreams of model " + route.name() + " have as many requests as they may")
                : unavailable("no upstream of model " + route.name() + " answers");
    }

    /** What an upstream answers is more than is kept of it. */
    static ApiError answerTooLarge(Upstream upstream, int bytes) {
        return unreachable("the answer of upstream " + upstream.name() + " has more than the " + bytes
                + " bytes that are allowed");
    }

    /** The connection to an upstream was lost in the middle of what it answered. */
    static ApiError brokenOff(Upstream upstream) {
        return unreachable("upstream " + upstream.name() + " broke off in the middle of its answer");
    }

    /**
     * The connection to an upstream was lost before it answered.
     *
     * @param sent whether there was one
     */
    static ApiError unanswered(Upstream upstream, boolean sent) {
        return unreachable(
                "upstream " + upstream.name() + (sent ? " broke off before it answered" : " cannot be reached"));
    }

    /** The body. */
    Buffer json() {
        ObjectNode body = MAPPER.createObjectNode();
        ObjectNode error = body.putObject("error");
        error.put("message", "edistream: " + message).put("type", type).put("code", code);
        error.putNull("param");
        return Buffer.buffer(body.toString());
    }

    /** As an event of a stream that has begun. */
    Buffer event() {
        return Buffer.buffer("data: ").appendBuffer(json()).appendString("\n\n");
    }

    void send(HttpServerResponse response) {
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
        if (status == 429 || status == 503) {
            response.putHeader(HttpHeaders.RETRY_AFTER, "1");
        }
        response.end(json());
    }
}
