package io.edistream.sequences.event;

/** Takes events to whoever watches. */
public interface EntropyPublisher extends AutoCloseable {

    /** Takes the events of one step. Never blocks: what cannot be taken is dropped and counted. */
    void publish(StepEvents events);

    /** Whether the text of runs is of use; to make it costs the thread that decodes some time for every token. */
    default boolean wantsRunText() {
        return false;
    }

    /** Sends what is queued, for a bounded time, and frees everything. */
    @Override
    void close();
}
