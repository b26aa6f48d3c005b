package io.edistream.sequences.control;

import java.util.concurrent.CompletableFuture;

/** Where commands for this generator arrive. */
public interface ControlInbox extends AutoCloseable {

    /**
     * Hands every command that arrives from now on to the sink, from any thread. Called once.
     *
     * @return completes when no command can be missed any more; a caller that cannot afford to miss one waits for it
     *     before it submits requests
     */
    CompletableFuture<Void> start(CommandSink sink);

    /** Stops; no command reaches the sink afterwards. */
    @Override
    void close();
}
