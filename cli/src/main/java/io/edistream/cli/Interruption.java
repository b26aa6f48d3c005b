package io.edistream.cli;

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
    private static final CountDownLatch LAST_WORD = new CountDownLatch(1);

    private final Thread worker = Thread.currentThread();
    private final CountDownLatch done = new CountDownLatch(1);
    private final ReentrantLock shield = new ReentrantLock();
    private volatile boolean wanted;
    private static volatile boolean endsWell;

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

    /**
     * A part of the work that cannot.
     *
     * @param <T> its result
     */
    @FunctionalInterface
    public interface Step<T> {

        /** Does it. */
        T run() throws InterruptedException;
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

    /** The work has no other end than to be interrupted, which then is no failure: the exit code is the work's own. */
    public void isHowItEnds() {
        endsWell = true;
    }

    /** Ends the process after the last word, with the exit code that Java would replace by that of the signal. */
    static void exit(int exitCode) {
        if (endsWell) {
            // Before the last word is said to be said, whereupon the process may end by itself.
            Runtime.getRuntime().halt(exitCode);
        }
        LAST_WORD.countDown();
        System.exit(exitCode);
    }

    /**
     * Does a step that must not be interrupted in the middle.
     *
     * @throws InterruptedException if the interruption came before it, and the step was not begun; or if the step failed
     *     while one waited for its end, for much cannot be started while the process ends
     */
    public <T> T shielded(Step<T> step) throws InterruptedException {
        shield.lock();
        try {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return step.run();
        } catch (RuntimeException | LinkageError e) {
            if (!wanted) {
                throw e;
            }
            InterruptedException interruption = new InterruptedException();
            interruption.initCause(e);
            throw interruption;
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
        wanted = true;
        try {
            // Work that hangs must not keep the process alive for ever.
            if (shield.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                worker.interrupt();
                shield.unlock();
                if (done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    boolean unused = LAST_WORD.await(1, TimeUnit.SECONDS);
                }
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
