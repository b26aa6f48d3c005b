package io.edistream.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.event.EntropyPublisher;
import io.edistream.sequences.event.StepEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What was published, waited for. */
final class Published implements EntropyPublisher {

    private final BlockingQueue<StepEvents> steps = new LinkedBlockingQueue<>();
    private final List<StepEvents> seen = new ArrayList<>();

    @Override
    public void publish(StepEvents events) {
        steps.add(events);
    }

    void untilTokens(int tokens) throws InterruptedException {
        while (seen.stream().mapToInt(StepEvents::tokens).sum() < tokens) {
            next();
        }
    }

    StepEvents untilEnds(int ends) throws InterruptedException {
        while (seen.stream().mapToInt(step -> step.ends().size()).sum() < ends) {
            next();
        }
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
