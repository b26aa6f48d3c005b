package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Route;
import io.edistream.gateway.engine.EngineModel;
import io.edistream.gateway.engine.TokenEngine;
import io.edistream.gateway.request.Endpoint;
import io.edistream.http.SharedScrape;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where requests come in: what is answered here, and what is passed on for whom. Used on the gateway's event loop. */
final class Entrance {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Face face;
    private final SharedScrape scrape;
    private volatile boolean closed;

    Entrance(Face face, SharedScrape scrape) {
        this.face = face;
        this.scrape = scrape;
    }

    /** Passes nothing on any more. From any thread. */
    void close() {
        closed = true;
    }

    void take(HttpServerRequest request) {
        String path = String.valueOf(request.path());
        switch (path) {
            case "/health" -> text(request, 200, "alive\n");
            case "/ready" -> ready(request);
            case "/metrics" -> metrics(request);
            case "/v1/models" -> {
                if (HttpMethod.GET.equals(request.method())) {
                    models(request);
                } else {
                    pass(request);
                }
            }
            default -> {
                if (path.startsWith("/v1/")) {
                    pass(request);
                } else {
                    refuse(
                            request,
                            new ApiError(
                                    404,
                                    "invalid_request_error",
                                    null,
                                    "there are /v1/..., /health, /ready and /metrics; a base URL ends with /v1"));
                }
            }
        }
    }

    private void pass(HttpServerRequest request) {
        String client = face.admission().client(request);
        if (client == null) {
            refuse(request, ApiError.unauthorised());
            return;
        }
        if (closed) {
            refuse(request, ApiError.unavailable("the gateway is being stopped"));
            return;
        }
        TokenEngine engine = face.engine();
        Endpoint endpoint = Endpoint.at(String.valueOf(request.path())).orElse(null);
        ApiError nothing = engine == null ? null : notServed(request, endpoint);
        if (nothing != null) {
            refuse(request, nothing);
            return;
        }
        String tooMany = face.admission().begin(client);
        if (tooMany != null) {
            refuse(request, ApiError.tooMany(tooMany));
            return;
        }
        ClientExchange exchange = engine != null && endpoint != null
                ? new LocalExchange(face, engine, endpoint, request, client)
                : new Exchange(face, request, client);
        face.begins(exchange);
        exchange.begin();
    }

    /** Why an engine in this process has nothing there; null if it has. */
    private static @Nullable ApiError notServed(HttpServerRequest request, @Nullable Endpoint endpoint) {
        if (endpoint == null) {
            return new ApiError(
                    404,
                    "invalid_request_error",
                    null,
                    "below /v1/ there are chat/completions, completions and models");
        }
        return HttpMethod.POST.equals(request.method()) ? null : ApiError.noSuchMethod();
    }

    private void refuse(HttpServerRequest request, ApiError error) {
        face.meters().refused(error.status());
        request.response().exceptionHandler(failure -> {});
        error.send(request.response());
    }

    private void ready(HttpServerRequest request) {
        TokenEngine engine = face.engine();
        boolean up = (engine == null ? face.backends().anyUp() : engine.isReady()) && !closed;
        String down = engine == null ? "no upstream answers\n" : "the engine takes no requests\n";
        text(request, up ? 200 : 503, closed ? "stopping\n" : up ? "ready\n" : down);
    }

    /** They name clients and upstreams: whoever needs a key to ask needs one to read them. */
    private void metrics(HttpServerRequest request) {
        if (face.admission().client(request) == null) {
            refuse(request, ApiError.unauthorised());
            return;
        }
        String format = scrape.format(request.getHeader(HttpHeaders.ACCEPT));
        scrape.render(format)
                .onSuccess(page -> request.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, format)
                        .end(page))
                .onFailure(failure -> text(request, 500, "the metrics cannot be rendered\n"));
    }

    private static void text(HttpServerRequest request, int status, String text) {
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                .end(text);
    }

    /** What may be asked for; whoever takes every name is asked himself. */
    private void models(HttpServerRequest request) {
        if (face.config().routes().stream().anyMatch(route -> route.model() == null)) {
            pass(request);
            return;
        }
        if (face.admission().client(request) == null) {
            refuse(request, ApiError.unauthorised());
            return;
        }
        ObjectNode body = MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = body.putArray("data");
        for (String name : modelNames()) {
            data.addObject()
                    .put("id", name)
                    .put("object", "model")
                    .put("created", 0)
                    .put("owned_by", "edistream");
        }
        request.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(Buffer.buffer(body.toString()));
    }

    private List<String> modelNames() {
        TokenEngine engine = face.engine();
        return engine == null
                ? face.config().routes().stream().map(Route::name).toList()
                : engine.models().stream().map(EngineModel::name).toList();
    }
}
