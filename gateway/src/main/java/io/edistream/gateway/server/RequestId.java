package io.edistream.gateway.server;

import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * What a request is called: as its client calls it, if nobody else's running request is called so.
 *
 * @param text the id
 * @param own whether it was made here
 */
record RequestId(String text, boolean own) {

    /** Takes one, until admission frees it. */
    static RequestId take(Face face, HttpServerRequest request) {
        String given = Headers.requestId(request.headers());
        if (given != null && face.admission().takes(given)) {
            return new RequestId(given, false);
        }
        String made = face.newRequestId();
        face.admission().takes(made);
        return new RequestId(made, true);
    }

    /** The client's own name for the request; null if it gave none. */
    @Nullable
    String clients() {
        return own ? null : text;
    }
}
