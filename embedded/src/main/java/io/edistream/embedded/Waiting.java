package io.edistream.embedded;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what other threads do: always for a condition, always with a limit, never for a fixed time. */
final class Waiting {

    /** A broker that is ready in a second on a quiet machine has been seen to take sixteen on a busy one. */
    static final Duration LIMIT = Duration.ofSeconds(60);

    private static final long POLL_MILLIS = 5;

    private Waiting() {}

    /**
     * Returns once the condition holds.
     *
     * @param state what to tell if it does not hold in time
     * @throws IllegalStateException after the limit
     */
    static void until(BooleanSupplier condition, Duration limit, Supplier<String> state) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(state.get() + " after " + limit.toSeconds() + " s");
            }
            try {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                throw interrupted(state.get(), e);
            }
        }
    }

    /**
     * The future's value.
     *
     * @param what what was asked for, as in "creating the topics"
     * @throws IllegalStateException if there is none after the limit, or if computing it failed
     */
    static <T> T get(Future<T> future, Duration limit, String what) {
        try {
            return future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException(what + " was not done after " + limit.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(what + " failed: " + e.getCause(), e.getCause());
        } catch (CancellationException e) {
            throw new IllegalStateException(what + " was cancelled", e);
        } catch (InterruptedException e) {
            throw interrupted(what, e);
        }
    }

    private static IllegalStateException interrupted(String what, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new IllegalStateException(what + ": interrupted while waiting", cause);
    }
}
