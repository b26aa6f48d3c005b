package io.edistream.cli.generate;

import io.edistream.cli.StatusScreen;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.sequences.metrics.GeneratorMetrics.Progress;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Shows how far a generator is and how fast, while it runs: every second on a terminal, now and then where lines are kept. */
final class ProgressLine implements AutoCloseable {

    private static final Duration ON_A_TERMINAL = Duration.ofSeconds(1);
    private static final Duration ELSEWHERE = Duration.ofSeconds(30);
    private static final double NANOS_PER_SECOND = 1e9;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(ProgressLine::daemon);
    private final GeneratorMetrics metrics;
    private final StatusScreen screen;
    private final LongSupplier nanoClock;
    private Progress last;
    private long lastNanos;

    /**
     * @param nanoClock nanoseconds since any moment, never going back
     */
    ProgressLine(GeneratorMetrics metrics, StatusScreen screen, LongSupplier nanoClock) {
        this.metrics = metrics;
        this.screen = screen;
        this.nanoClock = nanoClock;
        this.last = metrics.progress();
        this.lastNanos = nanoClock.getAsLong();
    }

    /** Begins to show. */
    ProgressLine start() {
        long millis = (screen.isTerminal() ? ON_A_TERMINAL : ELSEWHERE).toMillis();
        ScheduledFuture<?> unused = timer.scheduleAtFixedRate(this::show, millis, millis, TimeUnit.MILLISECONDS);
        return this;
    }

    /** Shows how far it is now. */
    synchronized void show() {
        Progress now = metrics.progress();
        long nowNanos = nanoClock.getAsLong();
        double perSecond = (now.tokens() - last.tokens()) / ((nowNanos - lastNanos) / NANOS_PER_SECOND);
        last = now;
        lastNanos = nowNanos;
        screen.show(String.format(
                Locale.ROOT,
                "%,d tokens, %,.0f tokens/s, %,d sequences ended, %,d live, %,d waiting",
                now.tokens(),
                perSecond,
                now.ended(),
                now.live(),
                now.waiting()));
    }

    @Override
    public void close() {
        timer.shutdownNow();
        synchronized (this) {
            screen.end();
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "edistream-progress");
        thread.setDaemon(true);
        return thread;
    }
}
