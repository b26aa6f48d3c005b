package io.edistream.gateway.server;

import io.edistream.gateway.reading.UpstreamError;
import io.edistream.gateway.watch.Ended;
import io.vertx.core.http.HttpClientResponse;
import java.util.Set;

/** How a client gets an answer that its upstream streams. Used on the gateway's event loop. */
interface Delivery {

    /** The upstream's first event is there. */
    void begin(HttpClientResponse from);

    /** Tokens were read of the event that comes next. */
    default void took(int tokens) {}

    /**
     * The client is to have an event.
     *
     * @param event its bytes
     * @param hidden choices of it that the client gets no more of
     */
    void event(byte[] event, Set<Integer> hidden);

    /** The upstream sent an error. The event that has it was delivered. */
    void failed(UpstreamError error);

    /**
     * A command ended a choice.
     *
     * @param last whether none is left
     */
    void ended(int choice, Ended how, boolean last);

    /** What came in one piece from the upstream is dealt with. */
    void flush();

    /** The answer is whole. */
    void complete();

    /** The upstream broke off. */
    void brokenOff();
}
