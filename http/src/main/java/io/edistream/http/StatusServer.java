package io.edistream.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Shows {@code /metrics}, {@code /healthz} and {@code /readyz} of a process, within {@link StatusLimits}. It has threads of
 * its own, which do not keep the process from ending, and answers one request per connection: so one clock is enough to
 * be rid of whoever writes slowly, says nothing or never reads.
 */
public final class StatusServer implements AutoCloseable {

    private final Vertx vertx;
    private final ExecutorService renderer;
    private final ListenAddress address;

    private StatusServer(Vertx vertx, ExecutorService renderer, ListenAddress address) {
        this.vertx = vertx;
        this.renderer = renderer;
        this.address = address;
    }

    /**
     * Opens a server.
     *
     * @throws IOException if it cannot listen there; the message says why
     */
    public static StatusServer open(ListenAddress address, Scrape scrape, ProcessState state, StatusLimits limits)
            throws IOException {
        Vertx vertx = EventLoop.start(1, true);
        ExecutorService renderer = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "edistream-metrics");
            thread.setDaemon(true);
            return thread;
        });
        try {
            HttpServer server = vertx.createHttpServer(options(limits));
            Connections connections = new Connections(vertx, limits);
            StatusPages pages = new StatusPages(new SharedScrape(vertx, scrape, renderer, limits.pageReuse()), state);
            server.connectionHandler(connections::opened);
            server.requestHandler(request -> {
                connections.asked(request);
                pages.answer(request);
            });
            server.exceptionHandler(failure -> {});
            return new StatusServer(vertx, renderer, EventLoop.listen(server, address));
        } catch (IOException | RuntimeException | Error e) {
            close(vertx, renderer);
            throw e;
        }
    }

    private static HttpServerOptions options(StatusLimits limits) {
        return new HttpServerOptions()
                .setMaxHeaderSize(limits.maxHeaderBytes())
                .setMaxInitialLineLength(limits.maxHeaderBytes() / 4)
                // An upgrade to HTTP/2 would have limits of its own.
                .setHttp2ClearTextEnabled(false)
                .setReuseAddress(true);
    }

    /** Where it listens, with the port that was found if any was asked for. */
    public ListenAddress address() {
        return address;
    }

    @Override
    public void close() {
        close(vertx, renderer);
    }

    private static void close(Vertx vertx, ExecutorService renderer) {
        renderer.shutdownNow();
        // Its threads are daemons, and nothing depends on them.
        EventLoop.await(vertx.close());
    }
}
