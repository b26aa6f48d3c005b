package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A request that is under way. Used on the gateway's event loop. */
interface RunningRequest {

    /** What there is to say of it, without a word of what was asked or answered. */
    void describe(ObjectNode line);

    /** The gateway ends before this has: clients hear of it. */
    void shutDown();
}
