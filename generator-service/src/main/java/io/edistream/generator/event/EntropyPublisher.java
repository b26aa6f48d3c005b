package io.edistream.generator.event;

/** Takes events to whoever watches. */
public interface EntropyPublisher extends AutoCloseable {

    /** Takes the events of one step. Never blocks: what cannot be taken is dropped and counted. */
    void publish(StepEvents events);

    /** Sends what is queued, for a bounded time, and frees everything. */
    @Override
    void close();
}
