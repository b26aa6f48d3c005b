package io.edistream.gateway.watch;

/** Ends a choice of an answer where it flows. Called on the hub's thread: must not wait for anything. */
@FunctionalInterface
public interface ChoiceEnder {

    /**
     * No more of the choice is to reach the client.
     *
     * @param choice index of the choice in the answer
     */
    void end(int choice, Ended ended);
}
