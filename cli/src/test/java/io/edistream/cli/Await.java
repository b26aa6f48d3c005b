package io.edistream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/** Waits for what another thread or process brings about. */
public final class Await {

    private static final long PATIENCE_NANOS = 90_000_000_000L;

    private Await() {}

    /** Something that may fail while it is waited for. */
    @FunctionalInterface
    public interface Condition {

        /** Whether it is so now. */
        boolean holds() throws IOException, InterruptedException;
    }

    /** Returns once it holds; fails if it does not within 90 s. */
    public static void until(Condition condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("still waiting").isLessThan(end);
            LockSupport.parkNanos(50_000_000);
        }
    }
}
