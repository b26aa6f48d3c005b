package io.edistream.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.http.ProcessState.Check;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;

/** Answers requests. Nothing of an exception leaves the process. */
final class StatusPages {

    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final SharedScrape scrape;
    private final ProcessState state;

    StatusPages(SharedScrape scrape, ProcessState state) {
        this.scrape = scrape;
        this.state = state;
    }

    void answer(HttpServerRequest request) {
        boolean reads = HttpMethod.GET.equals(request.method()) || HttpMethod.HEAD.equals(request.method());
        String path = String.valueOf(request.path());
        switch (path) {
            case "/metrics", "/healthz", "/readyz" -> {
                if (!reads) {
                    request.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD");
                    send(request, 405, TEXT, Buffer.buffer("only GET and HEAD\n"));
                } else if (path.equals("/metrics")) {
                    metrics(request);
                } else if (path.equals("/healthz")) {
                    health(request);
                } else {
                    readiness(request);
                }
            }
            default -> send(request, 404, TEXT, Buffer.buffer("there are /metrics, /healthz and /readyz\n"));
        }
    }

    private void metrics(HttpServerRequest request) {
        String format = scrape.format(request.getHeader(HttpHeaders.ACCEPT));
        scrape.render(format)
                .onSuccess(bytes -> send(request, 200, format, bytes))
                .onFailure(failure -> send(request, 500, TEXT, Buffer.buffer("the metrics cannot be rendered\n")));
    }

    private void health(HttpServerRequest request) {
        boolean alive = state.isAlive();
        send(request, alive ? 200 : 503, TEXT, Buffer.buffer(alive ? "alive\n" : "not alive\n"));
    }

    private void readiness(HttpServerRequest request) {
        List<Check> checks = state.checks();
        boolean ready = state.isAlive() && checks.stream().allMatch(Check::holds);
        ObjectNode body = MAPPER.createObjectNode().put("ready", ready);
        ArrayNode list = body.putArray("checks");
        checks.forEach(check -> list.addObject()
                .put("name", check.name())
                .put("holds", check.holds())
                .put("reason", check.reason()));
        send(request, ready ? 200 : 503, JSON, Buffer.buffer(body + "\n"));
    }

    private static void send(HttpServerRequest request, int status, String type, Buffer body) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, type)
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()))
                .putHeader(HttpHeaders.CONNECTION, "close")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("X-Content-Type-Options", "nosniff");
        // Vert.x keeps the connection whatever the response says; it ends here, or at its deadline.
        (HttpMethod.HEAD.equals(request.method()) ? response.end() : response.end(body))
                .onComplete(written -> request.connection().close());
    }
}
