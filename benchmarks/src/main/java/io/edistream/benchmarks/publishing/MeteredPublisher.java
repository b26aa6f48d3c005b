package io.edistream.benchmarks.publishing;

import io.edistream.sequences.event.EntropyPublisher;
import io.edistream.sequences.event.StepEvents;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * Publishes while it is switched on, and does nothing while it is off, so that both sides run in one generator. Meters the
 * processor time that publishing takes of the thread that calls, which is one.
 */
final class MeteredPublisher implements EntropyPublisher {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final EntropyPublisher publisher;
    private volatile boolean on;
    private volatile long nanos;

    MeteredPublisher(EntropyPublisher publisher) {
        this.publisher = publisher;
    }

    void set(boolean nowOn) {
        on = nowOn;
    }

    /** Processor time of all calls so far, nanoseconds. */
    long nanos() {
        return nanos;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // One thread writes, another reads.
    public void publish(StepEvents events) {
        if (on) {
            long begun = THREADS.getCurrentThreadCpuTime();
            publisher.publish(events);
            nanos += THREADS.getCurrentThreadCpuTime() - begun;
        }
    }

    @Override
    public boolean wantsRunText() {
        return publisher.wantsRunText();
    }

    @Override
    public void close() {
        publisher.close();
    }
}
