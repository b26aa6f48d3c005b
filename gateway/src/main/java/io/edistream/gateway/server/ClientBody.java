package io.edistream.gateway.server;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Reads the body of a request, up to a bound. Used on the gateway's event loop. */
final class ClientBody {

    private ClientBody() {}

    /**
     * Reads it from now on.
     *
     * @param limit most bytes
     * @param over whether nobody wants it any more
     * @param tooLarge hears that there are more; what is still on its way is not wanted then
     * @param whole takes it
     */
    static void read(
            HttpServerRequest request, int limit, BooleanSupplier over, Runnable tooLarge, Consumer<byte[]> whole) {
        Buffer read = Buffer.buffer();
        request.handler(bytes -> {
            if (over.getAsBoolean()) {
                return;
            }
            if (read.length() + bytes.length() > limit) {
                tooLarge.run();
                return;
            }
            read.appendBuffer(bytes);
        });
        request.endHandler(end -> {
            if (!over.getAsBoolean()) {
                whole.accept(read.getBytes());
            }
        });
    }
}
