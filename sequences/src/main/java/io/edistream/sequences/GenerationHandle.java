package io.edistream.sequences;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One choice that a caller asked for. It is served by one sequence after another: a reroute continues it with a new one.
 * Thread-safe.
 */
public interface GenerationHandle {

    /** Number of its first sequence in the source of tokens. */
    long counter();

    /** Its prompt group; branches of its sequences join it too. */
    PromptGroup group();

    /**
     * Completes with the last sequence when that has ended and none continues it, whatever the reason, on the thread that
     * decodes: whoever hangs work on it should hand it to another thread.
     */
    CompletableFuture<GeneratedSequence> completion();

    /** The sequences that served it and have ended, in order. */
    List<GeneratedSequence> served();

    /** What its caller was given so far, as one text: what was begun anew from the prompt replaces what was there. */
    String text();

    /**
     * Gives up: whatever serves it and all that was branched from it, at any depth, ends with {@link EndReason#CANCELLED}
     * at the next token, if it has not ended before. Branches end also when the generation itself has ended.
     */
    void cancel();
}
