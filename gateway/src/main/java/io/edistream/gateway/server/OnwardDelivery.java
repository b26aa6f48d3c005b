package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** How a client gets an answer that may go on with another upstream. Used on the gateway's event loop. */
interface OnwardDelivery extends Delivery {

    /** What all its events have in common so far: an id and the like. */
    ObjectNode shared();

    /** Whether its client may have some of its tokens already. From any thread. */
    boolean isWithClient();

    /**
     * Nothing of it counts that was delivered: it begins again.
     *
     * @return whether nothing of it has reached the client, so that it does not even know whose message it is
     */
    boolean beginsAnew();
}
