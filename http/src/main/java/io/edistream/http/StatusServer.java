package io.edistream.http;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Shows {@code /metrics}, {@code /healthz} and {@code /readyz} of a process, within {@link StatusLimits}. It has threads of
 * its own, which do not keep the process from ending, and answers one request per connection: so one clock is enough to
 * be rid of whoever writes slowly, says nothing or never reads.
 */
public final class StatusServer implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 10;

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
        InetAddress resolved = InetAddress.getByName(address.host());
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setUseDaemonThread(true)
                // Otherwise a folder for files that there are none of.
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
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
            await(server, resolved.getHostAddress(), address.port());
            return new StatusServer(vertx, renderer, address.withPort(server.actualPort()));
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

    private static void await(HttpServer server, String host, int port) throws IOException {
        try {
            server.listen(port, host).toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause().getMessage()), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("not open after " + PATIENCE_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
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
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // Its threads are daemons, and nothing depends on them.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
