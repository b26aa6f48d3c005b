package io.edistream.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One event loop that a server has to itself, and how a thread outside it waits for what it does. */
public final class EventLoop {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private EventLoop() {}

    /**
     * Starts one.
     *
     * @param blockingThreads for what has to block, such as looking names up
     * @param daemon whether the process may end while it runs
     */
    public static Vertx start(int blockingThreads, boolean daemon) {
        return Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(blockingThreads)
                .setUseDaemonThread(daemon)
                // Otherwise a folder for files that there are none of.
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
    }

    /**
     * Waits until a server listens.
     *
     * @return where, with the port that was found if any was asked for
     * @throws IOException if it cannot listen there; the message says why
     */
    public static ListenAddress listen(HttpServer server, ListenAddress address) throws IOException {
        String host = InetAddress.getByName(address.host()).getHostAddress();
        try {
            server.listen(address.port(), host)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause().getMessage()), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("not open after " + PATIENCE.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return address.withPort(server.actualPort());
    }

    /** Waits for something that nothing depends on any more, whether it succeeds or fails, for a bounded time. */
    public static void await(Future<?> future) {
        await(future, PATIENCE);
    }

    /** As {@link #await(Future)}, for a while. */
    public static void await(Future<?> future, Duration patience) {
        try {
            future.toCompletionStage().toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // Nothing depends on it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
