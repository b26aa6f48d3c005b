package io.edistream.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One page is rendered at a time; whoever asks for the same format meanwhile, or shortly after, gets the same page. So
 * whoever scrapes without a pause costs no more than a few pages a second. Used on the server's thread.
 */
public final class SharedScrape {

    private static final Logger LOG = LoggerFactory.getLogger(SharedScrape.class);

    private final Vertx vertx;
    private final Scrape scrape;
    private final Executor renderer;
    private final Duration reuse;
    private final Map<String, Future<Buffer>> pageByFormat = new HashMap<>();
    private boolean failing;

    /**
     * @param renderer one thread
     * @param reuse how long a page is shown again
     */
    SharedScrape(Vertx vertx, Scrape scrape, Executor renderer, Duration reuse) {
        this.vertx = vertx;
        this.scrape = scrape;
        this.renderer = renderer;
        this.reuse = reuse;
    }

    /** For a server that shows other things as well: pages are rendered beside its event loop. */
    public static SharedScrape beside(Vertx vertx, Scrape scrape) {
        return new SharedScrape(
                vertx,
                scrape,
                rendering -> vertx.executeBlocking(() -> {
                    rendering.run();
                    return true;
                }),
                StatusLimits.defaults().pageReuse());
    }

    /** As {@link Scrape#format}. */
    public String format(@Nullable String accept) {
        return scrape.format(accept);
    }

    /** The page in a format that {@link #format} returned. */
    public Future<Buffer> render(String format) {
        return pageByFormat.computeIfAbsent(format, this::begin);
    }

    private Future<Buffer> begin(String format) {
        Context server = vertx.getOrCreateContext();
        Promise<Buffer> promise = Promise.promise();
        promise.future().onComplete(done -> {
            vertx.setTimer(reuse.toMillis(), old -> pageByFormat.remove(format));
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
        return promise.future();
    }

    /** Once until it works again: a scraper comes every few seconds. */
    private void say(@Nullable Throwable failure) {
        if (failure != null && !failing) {
            LOG.warn("The metrics cannot be rendered: {}", failure.toString());
        }
        failing = failure != null;
    }
}
