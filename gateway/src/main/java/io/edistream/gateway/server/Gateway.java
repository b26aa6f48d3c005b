package io.edistream.gateway.server;

import io.edistream.gateway.config.Certificate;
import io.edistream.gateway.config.GatewayConfig;
import io.edistream.gateway.config.Limits;
import io.edistream.gateway.engine.TokenEngine;
import io.edistream.gateway.upstream.Backends;
import io.edistream.gateway.watch.Watch;
import io.edistream.http.EventLoop;
import io.edistream.http.ListenAddress;
import io.edistream.http.Scrape;
import io.edistream.http.SharedScrape;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A server that speaks OpenAI's protocol and passes what it is asked on to upstreams. One event loop does all of it; what is
 * watched is watched on the hub's thread.
 */
public final class Gateway implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int BLOCKING_THREADS = 2;
    private static final int MAX_HEADER_BYTES = 32 * 1024;

    private final Vertx vertx;
    private final Face face;
    private final Entrance entrance;
    private final HttpServer server;
    private final ListenAddress address;

    private Gateway(Vertx vertx, Face face, Entrance entrance, HttpServer server, ListenAddress address) {
        this.vertx = vertx;
        this.face = face;
        this.entrance = entrance;
        this.server = server;
        this.address = address;
    }

    /**
     * Opens a gateway.
     *
     * @param watch what watches its answers; null if nothing does. Not closed with it
     * @param metrics what it shows at /metrics
     * @param accessLog where each request is told of; null for nowhere. Not closed with it
     * @param random draws upstreams, request ids and shares, for any thread
     * @throws IOException if it cannot listen there, or not with that certificate; the message says why
     */
    public static Gateway open(
            GatewayConfig config,
            @Nullable Watch watch,
            Meters meters,
            Scrape metrics,
            @Nullable AccessLog accessLog,
            RandomGenerator random)
            throws IOException {
        return open(config, watch, null, meters, metrics, accessLog, random);
    }

    /**
     * Opens one whose answers come from an engine in this process, and from no upstream.
     *
     * @param engine answers, and is watched by what it brings itself. Not closed with it
     * @param metrics what it shows at /metrics
     * @param accessLog where each request is told of; null for nowhere. Not closed with it
     * @param random draws request ids, and seeds for requests that bring none
     * @throws IOException if it cannot listen there, or not with that certificate; the message says why
     */
    public static Gateway serve(
            GatewayConfig config,
            TokenEngine engine,
            Meters meters,
            Scrape metrics,
            @Nullable AccessLog accessLog,
            RandomGenerator random)
            throws IOException {
        engine.models().forEach(model -> meters.expects(model.route()));
        return open(config, null, engine, meters, metrics, accessLog, random);
    }

    private static Gateway open(
            GatewayConfig config,
            @Nullable Watch watch,
            @Nullable TokenEngine engine,
            Meters meters,
            Scrape metrics,
            @Nullable AccessLog accessLog,
            RandomGenerator random)
            throws IOException {
        Vertx vertx = EventLoop.start(BLOCKING_THREADS, false);
        try {
            Certificate files = config.certificate();
            OwnCertificate certificate = files == null ? null : new OwnCertificate(files, vertx);
            Backends backends = new Backends(vertx, config.upstreams(), random);
            config.upstreams().forEach(upstream -> meters.expects(backends.of(upstream)));
            meters.expects(config.routes());
            Face face = new Face(vertx, config, backends, watch, engine, meters, accessLog, random);
            Entrance entrance = new Entrance(face, SharedScrape.beside(vertx, metrics));
            HttpServer server = vertx.createHttpServer(certificate == null ? options() : certificate.in(options()));
            server.requestHandler(entrance::take);
            server.exceptionHandler(failure -> {});
            ListenAddress address = EventLoop.listen(server, config.listen());
            if (certificate != null) {
                certificate.keepFresh(server);
            }
            return new Gateway(vertx, face, entrance, server, address);
        } catch (IOException | RuntimeException | Error e) {
            EventLoop.await(vertx.close());
            throw e;
        }
    }

    private static HttpServerOptions options() {
        return new HttpServerOptions()
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setHttp2ClearTextEnabled(false)
                // One connection for each request that runs: whoever is broken off takes nobody with it.
                .setUseAlpn(false)
                .setReuseAddress(true);
    }

    /** Where clients find it, with the port that was found if any was asked for. */
    public ListenAddress address() {
        return address;
    }

    /**
     * Takes no more requests, waits for those that run as long as they may take, ends what is left then, and frees
     * everything.
     */
    @Override
    public void close() {
        entrance.close();
        Limits limits = face.config().limits();
        Promise<Void> drained = Promise.promise();
        long deadline = System.nanoTime() + limits.drain().toNanos();
        // On the loop: a timer that another thread makes may fire before it can be cancelled.
        vertx.runOnContext(loop -> vertx.setPeriodic(1, 10, timer -> {
            if (face.running().isEmpty() || System.nanoTime() - deadline > 0) {
                vertx.cancelTimer(timer);
                face.running().forEach(ClientExchange::shutDown);
                drained.tryComplete();
            }
        }));
        EventLoop.await(drained.future(), limits.drain().plus(PATIENCE));
        EventLoop.await(server.close());
        EventLoop.await(vertx.close());
    }
}
