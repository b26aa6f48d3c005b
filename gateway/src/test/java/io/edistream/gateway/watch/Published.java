package io.edistream.gateway.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.event.EntropyPublisher;
import io.edistream.sequences.event.StepEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What was published, waited for; it can be made to hang. */
public final class Published implements EntropyPublisher {

    private final BlockingQueue<StepEvents> steps = new LinkedBlockingQueue<>();
    private final List<StepEvents> seen = new ArrayList<>();
    private final CountDownLatch blocked = new CountDownLatch(1);
    private volatile @Nullable CountDownLatch gate;

    @Override
    public void publish(StepEvents events) {
        steps.add(events);
        CountDownLatch waits = gate;
        if (waits != null && events.tokens() > 0) {
            gate = null;
            blocked.countDown();
            try {
                waits.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Hangs at the next token until the latch is open. */
    void blockedBy(CountDownLatch latch) {
        gate = latch;
    }

    void awaitBlocked() throws InterruptedException {
        assertThat(blocked.await(20, TimeUnit.SECONDS)).isTrue();
    }

    /** Waits until so many tokens were published in all. */
    public void untilTokens(int tokens) throws InterruptedException {
        while (seen.stream().mapToInt(StepEvents::tokens).sum() < tokens) {
            next();
        }
    }

    /** Waits until so many sequences have ended in all, and returns all that was published until then. */
    public StepEvents untilEnds(int ends) throws InterruptedException {
        while (seen.stream().mapToInt(step -> step.ends().size()).sum() < ends) {
            next();
        }
        return StepEvents.merged(seen);
    }

    /** All that was published so far. */
    StepEvents all() {
        steps.drainTo(seen);
        return StepEvents.merged(seen);
    }

    private void next() throws InterruptedException {
        StepEvents step = steps.poll(20, TimeUnit.SECONDS);
        assertThat(step).as("nothing published within 20 s").isNotNull();
        seen.add(step);
    }

    @Override
    public void close() {
        // Nothing to free.
    }
}
