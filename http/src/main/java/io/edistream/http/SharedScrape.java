package io.edistream.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One scrape is rendered at a time; whoever asks for the same meanwhile gets the same. Used on the server's thread. */
final class SharedScrape {

    private static final Logger LOG = LoggerFactory.getLogger(SharedScrape.class);

    private final Vertx vertx;
    private final Scrape scrape;
    private final ExecutorService renderer;
    private @Nullable Running running;
    private boolean failing;

    /**
     * @param renderer one thread
     */
    SharedScrape(Vertx vertx, Scrape scrape, ExecutorService renderer) {
        this.vertx = vertx;
        this.scrape = scrape;
        this.renderer = renderer;
    }

    String format(@Nullable String accept) {
        return scrape.format(accept);
    }

    /** Empty if another format is being rendered. */
    Optional<Future<Buffer>> render(String format) {
        Running current = running;
        if (current != null) {
            return current.format.equals(format) ? Optional.of(current.page) : Optional.empty();
        }
        Context server = vertx.getOrCreateContext();
        Promise<Buffer> promise = Promise.promise();
        Running begun = new Running(format, promise.future());
        running = begun;
        promise.future().onComplete(done -> {
            running = null;
            say(done.cause());
        });
        renderer.execute(() -> {
            try {
                Buffer page = Buffer.buffer(scrape.render(format));
                server.runOnContext(back -> promise.complete(page));
            } catch (RuntimeException | Error e) {
                server.runOnContext(back -> promise.fail(e));
            }
        });
        return Optional.of(begun.page);
    }

    /** Once until it works again: a scraper comes every few seconds. */
    private void say(@Nullable Throwable failure) {
        if (failure != null && !failing) {
            LOG.warn("The metrics cannot be rendered: {}", failure.toString());
        }
        failing = failure != null;
    }

    private record Running(String format, Future<Buffer> page) {}
}
