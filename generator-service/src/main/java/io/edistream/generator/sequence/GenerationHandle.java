package io.edistream.generator.sequence;

import java.util.concurrent.CompletableFuture;

/**
 * A request that was accepted.
 *
 * @param counter number of its sequence in the generator
 * @param group its prompt group; branches of the sequence join it too
 * @param completion completes when the sequence has ended, whatever the reason, on the thread that decodes: whoever
 *     hangs work on it should hand it to another thread
 * @param canceller ends the sequence with {@link EndReason#CANCELLED} at the next token
 */
public record GenerationHandle(
        long counter, PromptGroup group, CompletableFuture<GeneratedSequence> completion, Runnable canceller) {

    /** Gives up: the sequence ends with {@link EndReason#CANCELLED} at the next token, if it has not ended before. */
    public void cancel() {
        canceller.run();
    }
}
