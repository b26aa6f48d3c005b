package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.GatewayConfig;
import io.edistream.gateway.config.Limits;
import io.edistream.gateway.config.Route;
import io.edistream.gateway.upstream.Backends;
import io.edistream.gateway.watch.Watch;
import io.edistream.http.ListenAddress;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A server that speaks OpenAI's protocol and passes what it is asked on to upstreams. One event loop does all of it; what is
 * watched is watched on the hub's thread.
 */
public final class Gateway implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 10;
    private static final int MAX_HEADER_BYTES = 32 * 1024;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Vertx vertx;
    private final Face face;
    private final HttpServer server;
    private final ListenAddress address;
    private volatile boolean draining;

    private Gateway(Vertx vertx, Face face, HttpServer server, ListenAddress address) {
        this.vertx = vertx;
        this.face = face;
        this.server = server;
        this.address = address;
    }

    /**
     * Opens a gateway.
     *
     * @param watch what watches its answers; null if nothing does. Not closed with it
     * @param random draws upstreams, request ids and shares
     * @throws IOException if it cannot listen there; the message says why
     */
    public static Gateway open(GatewayConfig config, @Nullable Watch watch, Meters meters, RandomGenerator random)
            throws IOException {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(2)
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        try {
            Backends backends = new Backends(vertx, config.upstreams(), random);
            config.upstreams().forEach(upstream -> meters.expects(upstream, backends.of(upstream)::isUp));
            Face face = new Face(vertx, config, backends, watch, meters, random);
            HttpServer server = vertx.createHttpServer(new HttpServerOptions()
                    .setMaxHeaderSize(MAX_HEADER_BYTES)
                    .setHttp2ClearTextEnabled(false)
                    .setReuseAddress(true));
            Gateway[] opened = new Gateway[1];
            server.requestHandler(request -> {
                Gateway gateway = opened[0];
                if (gateway != null) {
                    gateway.take(request);
                }
            });
            server.exceptionHandler(failure -> {});
            String host = InetAddress.getByName(config.listen().host()).getHostAddress();
            // Before the first request can come: the handler needs it.
            Future<HttpServer> listening = Future.succeededFuture()
                    .compose(start -> server.listen(config.listen().port(), host));
            await(listening);
            opened[0] = new Gateway(
                    vertx, face, server, new ListenAddress(config.listen().host(), server.actualPort()));
            return opened[0];
        } catch (IOException | RuntimeException | Error e) {
            vertx.close();
            throw e;
        }
    }

    /** Where clients find it, with the port that was found if any was asked for. */
    public ListenAddress address() {
        return address;
    }

    private void take(HttpServerRequest request) {
        String path = String.valueOf(request.path());
        switch (path) {
            case "/health" -> text(request, 200, "alive\n");
            case "/ready" -> ready(request);
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
                                    "there are /v1/..., /health and /ready; a base URL ends with /v1"));
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
        if (draining) {
            refuse(request, ApiError.unavailable("the gateway is being stopped"));
            return;
        }
        String tooMany = face.admission().begin(client);
        if (tooMany != null) {
            refuse(request, ApiError.tooMany(tooMany));
            return;
        }
        Exchange exchange = new Exchange(face, request, client);
        face.begins(exchange);
        exchange.begin();
    }

    private void refuse(HttpServerRequest request, ApiError error) {
        face.meters().refused(error.status());
        request.response().exceptionHandler(failure -> {});
        error.send(request.response());
    }

    private void ready(HttpServerRequest request) {
        boolean up = face.backends().anyUp() && !draining;
        text(request, up ? 200 : 503, draining ? "stopping\n" : up ? "ready\n" : "no upstream answers\n");
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
        for (Route route : face.config().routes()) {
            data.addObject()
                    .put("id", route.name())
                    .put("object", "model")
                    .put("created", 0)
                    .put("owned_by", "edistream");
        }
        request.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(Buffer.buffer(body.toString()));
    }

    /**
     * Takes no more requests, waits for those that run as long as they may take, ends what is left then, and frees
     * everything.
     */
    @Override
    public void close() {
        draining = true;
        Limits limits = face.config().limits();
        Promise<Void> drained = Promise.promise();
        long deadline = System.nanoTime() + limits.drain().toNanos();
        // On the loop: a timer that another thread makes may fire before it can be cancelled.
        vertx.runOnContext(loop -> vertx.setPeriodic(1, 10, timer -> {
            if (face.running().isEmpty() || System.nanoTime() - deadline > 0) {
                vertx.cancelTimer(timer);
                face.running().forEach(Exchange::shutDown);
                drained.tryComplete();
            }
        }));
        quietly(drained.future(), limits.drain().plusSeconds(PATIENCE_SECONDS));
        quietly(server.close(), Duration.ofSeconds(PATIENCE_SECONDS));
        quietly(vertx.close(), Duration.ofSeconds(PATIENCE_SECONDS));
    }

    private static void await(Future<?> future) throws IOException {
        try {
            future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause().getMessage()), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("not open after " + PATIENCE_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static void quietly(Future<?> future, Duration patience) {
        try {
            future.toCompletionStage().toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // Nothing depends on it any more.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
