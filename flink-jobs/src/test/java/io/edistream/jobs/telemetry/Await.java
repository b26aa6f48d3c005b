package io.edistream.jobs.telemetry;

import java.util.concurrent.Callable;

/** Waits for what other threads do; a test's time-out ends it. */
final class Await {

    private Await() {}

    static void until(Callable<Boolean> condition) throws Exception {
        while (!condition.call()) {
            if (Thread.interrupted()) {
                throw new AssertionError("waited in vain");
            }
            Thread.onSpinWait();
        }
    }
}
