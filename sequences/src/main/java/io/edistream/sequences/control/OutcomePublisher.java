package io.edistream.sequences.control;

/** Takes outcomes to whoever sent the commands. */
public interface OutcomePublisher extends AutoCloseable {

    /** Takes one outcome. Never blocks: what cannot be taken is dropped and counted. */
    void publish(ControlOutcome outcome);

    /** Sends what is queued, for a bounded time, and frees everything. */
    @Override
    void close();
}
