package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.GatewayConfig;
import io.edistream.gateway.engine.TokenEngine;
import io.edistream.gateway.upstream.Backends;
import io.edistream.gateway.watch.Watch;
import io.vertx.core.Vertx;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What all requests share. Used on the gateway's event loop. */
final class Face {

    private final Vertx vertx;
    private final GatewayConfig config;
    private final Backends backends;
    private final @Nullable Watch watch;
    private final @Nullable TokenEngine engine;
    private final Meters meters;
    private final @Nullable AccessLog accessLog;
    private final Admission admission;
    private final Refusals refusals = new Refusals(System::nanoTime);
    private final RandomGenerator random;
    private final Set<ClientExchange> running = new LinkedHashSet<>();

    Face(
            Vertx vertx,
            GatewayConfig config,
            Backends backends,
            @Nullable Watch watch,
            @Nullable TokenEngine engine,
            Meters meters,
            @Nullable AccessLog accessLog,
            RandomGenerator random) {
        this.vertx = vertx;
        this.config = config;
        this.backends = backends;
        this.watch = watch;
        this.engine = engine;
        this.meters = meters;
        this.accessLog = accessLog;
        this.random = random;
        admission = new Admission(config.clients(), config.limits());
    }

    Vertx vertx() {
        return vertx;
    }

    GatewayConfig config() {
        return config;
    }

    Backends backends() {
        return backends;
    }

    /** Null if nothing is watched. */
    @Nullable
    Watch watch() {
        return watch;
    }

    /** Who answers in this process; null if upstreams do. */
    @Nullable
    TokenEngine engine() {
        return engine;
    }

    Meters meters() {
        return meters;
    }

    Admission admission() {
        return admission;
    }

    Refusals refusals() {
        return refusals;
    }

    /** Whether this one belongs to a share. */
    boolean draws(double share) {
        return share >= 1 || random.nextDouble() < share;
    }

    String newRequestId() {
        return "edi-" + HexFormat.of().toHexDigits(random.nextLong())
                + HexFormat.of().toHexDigits(random.nextInt());
    }

    /** A seed for somebody who brings none. */
    long drawsSeed() {
        return random.nextLong();
    }

    void begins(ClientExchange request) {
        running.add(request);
        meters.running(running.size());
    }

    void ended(ClientExchange request) {
        running.remove(request);
        meters.running(running.size());
        AccessLog log = accessLog;
        if (log != null) {
            ObjectNode line = AccessLog.line();
            request.describe(line);
            log.add(line);
        }
    }

    /** Requests that run. */
    List<ClientExchange> running() {
        return List.copyOf(running);
    }
}
