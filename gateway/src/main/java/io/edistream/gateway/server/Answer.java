package io.edistream.gateway.server;

/** An answer that an upstream has begun. Used on the gateway's event loop. */
interface Answer {

    /** The client is gone. */
    void clientLeft();

    /** The upstream is given up. */
    void upstreamFailed();

    /** Its request is over, however. */
    default void ended() {}
}
