package io.edistream.http;

import io.netty.channel.ChannelFuture;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.HashMap;
import java.util.Map;

/** Counts connections and ends those that take too long. Used on the server's thread. */
final class Connections {

    private final Vertx vertx;
    private final StatusLimits limits;
    private final Map<HttpConnection, Long> deadlines = new HashMap<>();

    Connections(Vertx vertx, StatusLimits limits) {
        this.vertx = vertx;
        this.limits = limits;
    }

    void opened(HttpConnection connection) {
        connection.exceptionHandler(failure -> {});
        if (deadlines.size() >= limits.maxConnections()) {
            drop(connection);
            return;
        }
        deadline(connection, limits.requestTimeout().toMillis());
        connection.closeHandler(closed -> {
            Long timer = deadlines.remove(connection);
            if (timer != null) {
                vertx.cancelTimer(timer);
            }
        });
    }

    /** A request's headers have arrived. */
    void asked(HttpServerRequest request) {
        request.exceptionHandler(failure -> {});
        request.response().exceptionHandler(failure -> {});
        Long timer = deadlines.get(request.connection());
        if (timer != null) {
            vertx.cancelTimer(timer);
            deadline(request.connection(), limits.responseTimeout().toMillis());
        }
    }

    private void deadline(HttpConnection connection, long millis) {
        deadlines.put(connection, vertx.setTimer(millis, timer -> drop(connection)));
    }

    /**
     * From behind Vert.x, whose own close waits until the other side has read what was written before: closing from the
     * first handler of the pipeline passes none of its handlers.
     */
    private static void drop(HttpConnection connection) {
        ChannelFuture unused = ((HttpServerConnection) connection)
                .channelHandlerContext()
                .pipeline()
                .firstContext()
                .close();
    }
}
