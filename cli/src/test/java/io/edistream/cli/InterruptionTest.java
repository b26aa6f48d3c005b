package io.edistream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class InterruptionTest {

    private final List<String> done = new ArrayList<>();
    private final List<Thread> hooks = new ArrayList<>();

    /** One that comes after the work would meet the next test. */
    @AfterEach
    void awaitHooks() {
        for (Thread hook : hooks) {
            while (hook.isAlive()) {
                boolean unused = Thread.interrupted();
                Thread.onSpinWait();
            }
        }
        boolean unused = Thread.interrupted();
    }

    @Test
    void workThatWaitsIsInterruptedAndTheProcessWaitsForItsEnd() throws InterruptedException {
        Thread[] hook = new Thread[1];
        assertThatThrownBy(() -> Interruption.cleanUp(interruption -> {
                    hook[0] = hook(interruption);
                    hook[0].start();
                    try {
                        new CountDownLatch(1).await();
                        return "never";
                    } finally {
                        assertThat(hook[0].isAlive()).isTrue();
                        done.add("cleaned up");
                    }
                }))
                .isInstanceOf(InterruptedException.class);
        hook[0].join();
        assertThat(done).containsExactly("cleaned up");
    }

    @Test
    void aShieldedStepIsNotInterruptedAndTheNextOneIsNotBegun() {
        assertThatThrownBy(() -> Interruption.cleanUp(interruption -> {
                    Thread hook = hook(interruption);
                    String first = interruption.shielded(() -> {
                        hook.start();
                        awaitBlocked(hook);
                        return Thread.currentThread().isInterrupted() ? "interrupted" : "whole";
                    });
                    done.add(first);
                    awaitInterruption();
                    return interruption.shielded(() -> done.add("begun"));
                }))
                .isInstanceOf(InterruptedException.class);
        assertThat(done).containsExactly("whole");
    }

    @Test
    void aStepThatFailsWhileAnInterruptionWaitsWasInterrupted() {
        IllegalStateException failure = new IllegalStateException("Shutdown in progress");
        assertThatThrownBy(() -> Interruption.cleanUp(interruption -> interruption.shielded(() -> {
                    Thread hook = hook(interruption);
                    hook.start();
                    awaitBlocked(hook);
                    throw failure;
                })))
                .isInstanceOf(InterruptedException.class)
                .hasCause(failure);
    }

    @Test
    void aStepThatFailsByItselfFails() {
        IllegalStateException failure = new IllegalStateException("no port");
        assertThatThrownBy(() -> Interruption.cleanUp(interruption -> interruption.shielded(() -> {
                    throw failure;
                })))
                .isSameAs(failure);
    }

    @Test
    void afterTheWorkNothingIsInterrupted() throws InterruptedException {
        assertThat(Interruption.<String>cleanUp(interruption -> interruption.shielded(() -> "done")))
                .isEqualTo("done");
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aFailureThatAnInterruptionCausedIsToldApart() {
        assertThat(Interruption.explains(new IllegalStateException(new InterruptedException())))
                .isTrue();
        assertThat(Interruption.explains(new IllegalStateException("no broker")))
                .isFalse();
    }

    private Thread hook(Interruption interruption) {
        Thread hook = new Thread(interruption::interrupt);
        hooks.add(hook);
        return hook;
    }

    private static void awaitBlocked(Thread hook) {
        while (hook.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
    }

    private static void awaitInterruption() {
        while (!Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
        }
    }
}
