package io.edistream.benchmarks.publishing;

import io.edistream.sequences.event.EntropyPublisher;
import io.edistream.sequences.event.StepEvents;

/** Publishes while it is switched on, and does nothing while it is off, so that both sides run in one generator. */
final class SwitchedPublisher implements EntropyPublisher {

    private final EntropyPublisher publisher;
    private volatile boolean on;

    SwitchedPublisher(EntropyPublisher publisher) {
        this.publisher = publisher;
    }

    void set(boolean nowOn) {
        on = nowOn;
    }

    @Override
    public void publish(StepEvents events) {
        if (on) {
            publisher.publish(events);
        }
    }

    @Override
    public void close() {
        publisher.close();
    }
}
