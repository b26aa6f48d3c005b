package io.edistream.sequences;

import java.util.concurrent.CompletableFuture;

/**
 * A request that was accepted.
 *
 * @param counter number of its sequence in the generator
 * @param group its prompt group; branches of the sequence join it too
 * @param completion completes when the sequence has ended, whatever the reason, on the thread that decodes: whoever
 *     hangs work on it should hand it to another thread
 * @param canceller does what {@link #cancel} promises
 */
public record GenerationHandle(
        long counter, PromptGroup group, CompletableFuture<GeneratedSequence> completion, Runnable canceller) {

    /**
     * Gives up: the sequence and all that was branched from it, at any depth, end with {@link EndReason#CANCELLED} at the
     * next token, if they have not ended before. Branches end also when the sequence itself has ended.
     */
    public void cancel() {
        canceller.run();
    }
}
