package io.edistream.cli;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets work clean up when the process is asked to end, by Ctrl-C for instance: its thread is interrupted, and the process
 * waits until it has returned.
 *
 * <p>Much of what is started here does not expect to be interrupted: class loading, a broker that formats its files, a
 * cluster that wires up its actors. Such steps are {@linkplain #shielded shielded}; the interruption waits for their end.
 */
public final class Interruption {

    private static final long PATIENCE_SECONDS = 30;

    private final Thread worker = Thread.currentThread();
    private final CountDownLatch done = new CountDownLatch(1);
    private final ReentrantLock shield = new ReentrantLock();

    private Interruption() {}

    /**
     * Work that can be interrupted.
     *
     * @param <T> its result
     */
    @FunctionalInterface
    public interface Work<T> {

        /** Does it. */
        T run(Interruption interruption) throws InterruptedException;
    }

    /** Does the work on this thread. */
    public static <T> T cleanUp(Work<T> work) throws InterruptedException {
        Interruption interruption = new Interruption();
        Thread hook = new Thread(interruption::interrupt, "interruption");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return work.run(interruption);
        } finally {
            interruption.done.countDown();
            forget(hook);
        }
    }

    /**
     * Does a step that must not be interrupted in the middle.
     *
     * @throws InterruptedException if the interruption came before it; the step was not begun
     */
    public <T> T shielded(Callable<T> step) throws InterruptedException {
        shield.lock();
        try {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return step.call();
        } catch (InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e.getMessage(), e);
        } finally {
            shield.unlock();
        }
    }

    /** Whether a failure is only what became of an interruption. */
    static boolean explains(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof InterruptedException) {
                return true;
            }
        }
        return false;
    }

    /** Interrupts the work as soon as it may be; called by the process, or by a test in its place. */
    void interrupt() {
        try {
            // Work that hangs must not keep the process alive for ever.
            if (shield.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                worker.interrupt();
                shield.unlock();
                boolean unused = done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
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
