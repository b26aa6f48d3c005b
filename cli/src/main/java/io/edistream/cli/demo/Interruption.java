package io.edistream.cli.demo;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets work clean up when the process is asked to end, by Ctrl-C for instance: its thread is interrupted, and the process
 * waits until it has returned.
 */
final class Interruption {

    private static final long PATIENCE_SECONDS = 30;

    private Interruption() {}

    /**
     * Work that can be interrupted.
     *
     * @param <T> its result
     */
    @FunctionalInterface
    interface Work<T> {
        T run() throws InterruptedException;
    }

    /** Does the work on this thread. */
    static <T> T cleanUp(Work<T> work) throws InterruptedException {
        Thread worker = Thread.currentThread();
        CountDownLatch done = new CountDownLatch(1);
        Thread hook = new Thread(() -> interrupt(worker, done), "interruption");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return work.run();
        } finally {
            done.countDown();
            forget(hook);
        }
    }

    private static void interrupt(Thread worker, CountDownLatch done) {
        worker.interrupt();
        try {
            // Work that hangs must not keep the process alive for ever.
            boolean unused = done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // The process is ending, which is what the hook was for.
        }
    }
}
