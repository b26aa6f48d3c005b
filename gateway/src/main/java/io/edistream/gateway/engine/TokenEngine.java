package io.edistream.gateway.engine;

import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.TokenListener;
import java.util.List;

/** An engine in the same process: it generates tokens, tells of each, and obeys commands by itself. Thread-safe. */
public interface TokenEngine {

    /** What may be asked for, at least one; the first one is meant by whoever names none if there is no other. */
    List<EngineModel> models();

    /** Whether it takes requests now. */
    boolean isReady();

    /**
     * Accepts a request. Turning a prompt into tokens may take a while, so that this is nothing for an event loop.
     *
     * @param listener hears the tokens of all choices on the engine's thread, the first ones maybe before this returns
     * @return the choices in order, all of one group
     * @throws IllegalArgumentException if the request cannot be met; the message says why
     * @throws java.util.concurrent.RejectedExecutionException if too many requests wait
     * @throws IllegalStateException if the engine takes no requests any more
     */
    List<GenerationHandle> submit(EngineRequest request, TokenListener listener);

    /** The text of a token of a route's vocabulary. */
    TokenText text(String route, int token);

    /** What people and tools call one of its sequences. */
    String sequenceName(long sequence);
}
