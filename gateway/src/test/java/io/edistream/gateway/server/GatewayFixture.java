package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.edistream.gateway.config.ConfigException;
import io.edistream.gateway.config.ConfigFile;
import io.edistream.gateway.config.GatewayConfig;
import io.edistream.gateway.engine.TokenEngine;
import io.edistream.gateway.watch.Watch;
import io.edistream.http.RegistryScrape;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A gateway in front of engines of a test. */
final class GatewayFixture implements AutoCloseable {

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final StringWriter accessLog = new StringWriter();
    private final Gateway gateway;

    /**
     * @param yaml its configuration, without {@code listen}
     */
    GatewayFixture(Path folder, String yaml, @Nullable Watch watch) throws IOException, ConfigException {
        Path file = folder.resolve("gateway.yaml");
        Files.writeString(file, "listen: 127.0.0.1:0\n" + yaml);
        Map<String, String> environment = Map.of("ONE", "sk-one", "TWO", "sk-two", "OURS", "sk-ours");
        gateway = Gateway.open(
                ConfigFile.read(file, environment::get),
                watch,
                new Meters(registry),
                new RegistryScrape(registry),
                new AccessLog(new PrintWriter(accessLog)),
                new Random(1));
    }

    private GatewayFixture(TokenEngine engine, GatewayConfig config) throws IOException {
        gateway = Gateway.serve(
                config,
                engine,
                new Meters(registry),
                new RegistryScrape(registry),
                new AccessLog(new PrintWriter(accessLog)),
                new Random(1));
    }

    /**
     * One whose answers come from an engine in this process.
     *
     * @param yaml its configuration, without {@code listen}
     */
    static GatewayFixture serving(Path folder, String yaml, TokenEngine engine) throws IOException, ConfigException {
        Path file = folder.resolve("gateway.yaml");
        Files.writeString(file, "listen: 127.0.0.1:0\n" + yaml);
        return new GatewayFixture(engine, ConfigFile.readForEngine(file, Map.of("ONE", "sk-one")::get));
    }

    /** A client, connected. */
    Peer client() throws IOException {
        return Peer.connect(port());
    }

    int port() {
        return gateway.address().port();
    }

    String url() {
        return "http://" + gateway.address();
    }

    /** What it tells Prometheus. */
    String metrics() throws IOException {
        try (Peer client = client()) {
            client.send("GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n");
            return new String(client.readBody(client.readHead()), UTF_8);
        }
    }

    /** Waits until its metrics have a line. */
    void awaitMetric(String line) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        for (String now = metrics(); !now.contains(line); now = metrics()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("no line " + line + " in\n" + now);
            }
        }
    }

    /** Lines about requests, so far. */
    String accessLog() {
        return accessLog.toString();
    }

    PrometheusRegistry registry() {
        return registry;
    }

    @Override
    public void close() {
        gateway.close();
    }
}
