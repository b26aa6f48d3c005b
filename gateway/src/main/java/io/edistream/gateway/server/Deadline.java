package io.edistream.gateway.server;

import io.vertx.core.Vertx;
import java.time.Duration;

/** How long an upstream may take to begin, and then be silent. Used on the gateway's event loop. */
final class Deadline {

    private final Vertx vertx;
    private long timer = -1;
    private boolean idleIsTimed;
    private long lastActivityNanos;

    Deadline(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Something must come within a time. Earlier limits are off. */
    void begin(Duration time, Runnable missed) {
        idleIsTimed = false;
        start(time, missed);
    }

    /**
     * Something came, and more must come. Often: the timer that runs looks by itself whether it is still due.
     *
     * @param idle how long until then
     */
    void activity(Duration idle, Runnable missed) {
        lastActivityNanos = System.nanoTime();
        if (!idleIsTimed) {
            idleIsTimed = true;
            timeIdle(idle, idle, missed);
        }
    }

    private void timeIdle(Duration left, Duration idle, Runnable missed) {
        start(left, () -> {
            Duration rest = idle.minusNanos(System.nanoTime() - lastActivityNanos);
            if (rest.compareTo(Duration.ZERO) > 0) {
                timeIdle(rest, idle, missed);
            } else {
                missed.run();
            }
        });
    }

    private void start(Duration time, Runnable missed) {
        stop();
        timer = vertx.setTimer(Math.max(1, time.toMillis()), fired -> {
            timer = -1;
            missed.run();
        });
    }

    void stop() {
        if (timer >= 0) {
            vertx.cancelTimer(timer);
            timer = -1;
        }
    }
}
