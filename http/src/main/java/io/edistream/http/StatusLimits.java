package io.edistream.http;

import java.time.Duration;

/**
 * Bounds of a {@link StatusServer}.
 *
 * @param maxConnections open at a time; further ones are closed at once
 * @param maxHeaderBytes bytes of a request's headers; the first line may have a quarter of it
 * @param requestTimeout time from a connection's opening until its request has arrived whole
 * @param responseTimeout time from then until the response has been taken
 * @param pageReuse how long a page of metrics is shown again before another one is rendered
 */
public record StatusLimits(
        int maxConnections, int maxHeaderBytes, Duration requestTimeout, Duration responseTimeout, Duration pageReuse) {

    public StatusLimits {
        if (maxConnections < 1 || maxHeaderBytes < 1024) {
            throw new IllegalArgumentException("at least 1 connection and 1024 bytes of headers are needed, not "
                    + maxConnections + " and " + maxHeaderBytes);
        }
        if (requestTimeout.toMillis() < 1 || responseTimeout.toMillis() < 1 || pageReuse.toMillis() < 1) {
            throw new IllegalArgumentException("times must be at least 1 ms, not " + requestTimeout + ", "
                    + responseTimeout + " and " + pageReuse);
        }
    }

    /** 64 connections, 8 KiB, 5 and 10 seconds, four pages a second. */
    public static StatusLimits defaults() {
        return new StatusLimits(64, 8192, Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofMillis(250));
    }
}
