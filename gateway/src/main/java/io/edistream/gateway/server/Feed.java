package io.edistream.gateway.server;

import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * What another thread has to say to an event loop, in order: nobody waits for the other, and the loop is woken once for all that
 * waits. Thread-safe.
 *
 * @param <T> what is said
 */
final class Feed<T> {

    private final Context loop;
    private final Consumer<List<T>> taker;
    private List<T> waiting = new ArrayList<>();

    /**
     * @param loop where it is taken
     * @param taker takes all that waits, on the loop
     */
    Feed(Context loop, Consumer<List<T>> taker) {
        this.loop = loop;
        this.taker = taker;
    }

    /** From any thread. */
    void add(T one) {
        boolean first;
        synchronized (this) {
            first = waiting.isEmpty();
            waiting.add(one);
        }
        if (first) {
            try {
                loop.runOnContext(now -> taker.accept(takeAll()));
            } catch (RejectedExecutionException e) {
                // The loop has ended, and whoever waited for this with it.
            }
        }
    }

    private synchronized List<T> takeAll() {
        List<T> all = waiting;
        waiting = new ArrayList<>();
        return all;
    }
}
