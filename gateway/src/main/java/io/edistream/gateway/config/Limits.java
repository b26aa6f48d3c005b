package io.edistream.gateway.config;

import java.time.Duration;

/**
 * Bounds of a gateway.
 *
 * @param bodyBytes of a request
 * @param eventBytes of one event of a stream
 * @param streams requests at a time in all
 * @param streamsPerClient requests at a time of one client
 * @param samples of requests with a strategy at a time, in all
 * @param bufferBytes of a stream that wait for a client that reads slowly
 * @param firstByte how long an upstream may take to begin
 * @param idle how long a stream may be silent once it has begun
 * @param drain how long running streams may go on after the gateway was told to stop
 */
public record Limits(
        int bodyBytes,
        int eventBytes,
        int streams,
        int streamsPerClient,
        int samples,
        int bufferBytes,
        Duration firstByte,
        Duration idle,
        Duration drain) {

    /** 16 MiB, 1 MiB, 4,096 and 1,024 requests, 256 samples, 1 MiB, ten and two minutes, 20 seconds. */
    public static final Limits DEFAULT = new Limits(
            16 << 20,
            1 << 20,
            4096,
            1024,
            256,
            1 << 20,
            Duration.ofSeconds(600),
            Duration.ofSeconds(120),
            Duration.ofSeconds(20));
}
