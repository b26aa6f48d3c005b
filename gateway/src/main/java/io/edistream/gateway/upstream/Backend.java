package io.edistream.gateway.upstream;

import io.edistream.gateway.config.Upstream;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One upstream and the connections to it. Used on the gateway's event loop. */
public final class Backend {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration PROBE_PERIOD = Duration.ofSeconds(1);

    /** In a row, until it counts as down. */
    private static final int FAILURES_UNTIL_DOWN = 3;

    private static final int SERVER_ERROR = 500;
    private static final Logger LOG = LoggerFactory.getLogger(Backend.class);

    private final Vertx vertx;
    private final Upstream upstream;
    private final HttpClientAgent client;

    /** Keeps no connections: none of its own can be one that the engine is just closing. */
    private final HttpClientAgent fresh;

    private final EngineLoad load;
    private final AtomicInteger running = new AtomicInteger();
    private int failures;
    private volatile boolean down;

    Backend(Vertx vertx, Upstream upstream) {
        this.vertx = vertx;
        this.upstream = upstream;
        boolean tls = "https".equals(upstream.base().getScheme());
        HttpClientOptions options = new HttpClientOptions()
                .setSsl(tls)
                .setVerifyHost(tls)
                .setKeepAlive(upstream.kind().keepAliveSeconds() > 0)
                .setKeepAliveTimeout(upstream.kind().keepAliveSeconds())
                .setConnectTimeout(Math.toIntExact(CONNECT_TIMEOUT.toMillis()));
        if (upstream.authorities() != null) {
            options.setTrustOptions(
                    new PemTrustOptions().addCertPath(upstream.authorities().toString()));
        }
        // Some more than may run, for what the gateway itself asks.
        PoolOptions pool = new PoolOptions().setHttp1MaxSize(upstream.streams() + 2);
        client = vertx.httpClientBuilder().with(options).with(pool).build();
        fresh = vertx.httpClientBuilder()
                .with(new HttpClientOptions(options).setKeepAlive(false))
                .with(pool)
                .build();
        load = new EngineLoad(vertx, this);
        if (upstream.exclusive()) {
            load.begin();
        }
    }

    /** What it is. */
    public Upstream upstream() {
        return upstream;
    }

    /** Whether it may be asked now. */
    public boolean isUp() {
        return !down;
    }

    /** Whether it has room for one more request. */
    public boolean hasRoom() {
        return running.get() < upstream.streams();
    }

    /** Requests to it that are open. */
    public int running() {
        return running.get();
    }

    /** Requests that the engine itself says it has; NaN if it does not, or is not asked since others use it as well. */
    public double engineRequests() {
        return load.requests();
    }

    /** Those of them that nobody waits for any more; NaN as {@link #engineRequests}. */
    public double engineExcess() {
        return load.excess();
    }

    /** A request to it begins. */
    public void begins() {
        running.incrementAndGet();
    }

    /** A request to it is over. */
    public void ends() {
        running.decrementAndGet();
    }

    /**
     * Opens a request.
     *
     * @param pathAndQuery from {@code /v1} on
     */
    public Future<HttpClientRequest> request(HttpMethod method, String pathAndQuery) {
        return request(client, method, pathAndQuery);
    }

    /**
     * Opens a request on a connection that nobody has used. An engine may close a used one at the moment at which it is asked on it.
     *
     * @param pathAndQuery from {@code /v1} on
     */
    public Future<HttpClientRequest> requestAnew(HttpMethod method, String pathAndQuery) {
        return request(fresh, method, pathAndQuery);
    }

    private Future<HttpClientRequest> request(HttpClientAgent by, HttpMethod method, String pathAndQuery) {
        int port = upstream.base().getPort();
        boolean tls = "https".equals(upstream.base().getScheme());
        return by.request(new RequestOptions()
                .setMethod(method)
                .setHost(upstream.base().getHost())
                .setPort(port < 0 ? (tls ? 443 : 80) : port)
                .setURI(upstream.base().getRawPath() + pathAndQuery));
    }

    /** It has answered, whatever. */
    public void answered() {
        failures = 0;
    }

    /** It could not be reached, or broke off before it had answered. */
    public void failed(Throwable cause) {
        failures++;
        if (failures >= FAILURES_UNTIL_DOWN && !down) {
            down = true;
            LOG.warn(
                    "Upstream {} failed {} times in a row and is asked no more until it answers again: {}",
                    upstream.name(),
                    failures,
                    cause.toString());
            vertx.setTimer(PROBE_PERIOD.toMillis(), due -> probe());
        }
    }

    /**
     * Asks for something of the gateway's own, with the key and not for long.
     *
     * @param path from behind the base on
     */
    Future<HttpClientResponse> read(HttpMethod method, String path) {
        return request(method, path).compose(request -> {
            request.idleTimeout(PROBE_TIMEOUT.toMillis());
            if (upstream.key() != null) {
                request.putHeader("Authorization", upstream.key().bearer());
            }
            return request.send();
        });
    }

    private void probe() {
        read(HttpMethod.GET, "/v1/models")
                .compose(response -> response.end().map(response.statusCode()))
                .onComplete(done -> {
                    if (done.succeeded() && done.result() < SERVER_ERROR) {
                        down = false;
                        failures = 0;
                        LOG.warn("Upstream {} answers again", upstream.name());
                    } else {
                        vertx.setTimer(PROBE_PERIOD.toMillis(), due -> probe());
                    }
                });
    }
}
