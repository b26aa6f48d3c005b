package io.edistream.sequences.control;

/** Takes what arrives on the control topic. Called from any thread. */
@FunctionalInterface
public interface CommandSink {

    /** A command has arrived. */
    void accept(ReceivedCommand command);

    /** No job has been heard of for a while: what lasts of its commands is not to last on. Repeated while that is so. */
    default void nobodyWatches() {}
}
