package io.edistream.gateway.watch;

import io.edistream.sequences.EndReason;
import org.jspecify.annotations.Nullable;

/** Ends a choice of an answer where it flows. Called on the hub's thread: must not wait for anything. */
@FunctionalInterface
public interface ChoiceEnder {

    /**
     * No more of the choice is to reach the client.
     *
     * @param choice index of the choice in the answer
     * @param reason why
     * @param rule the rule that asked for it; null if none did
     * @param token index of the first token that is not part of it
     */
    void end(int choice, EndReason reason, @Nullable String rule, int token);
}
