package io.edistream.gateway.server;

import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.request.Asked;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Upstreams that refused a request because of the log-probabilities that were added to it: they are not asked for them again for a
 * while. Used on the gateway's event loop.
 */
final class Refusals {

    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final Duration MEMORY = Duration.ofMinutes(1);

    /** Of an answer that only says that a request was refused. */
    private static final int MAX_BYTES = 64 * 1024;

    private final LongSupplier nanos;
    private final Map<String, Long> untilByWay = new HashMap<>();
    private final Set<String> warned = new HashSet<>();

    Refusals(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Whether a status may be about what was added. Engines disagree about it; of these none is about who asks, or how often. */
    static boolean isOne(int status) {
        return status == 400 || status == 403 || status == 405 || status == 415 || status == 422 || status == 501;
    }

    /**
     * Reads a refusal, so that its connection can be used again, unless it is long.
     *
     * @param then may come several times
     */
    static void readThrough(HttpClientResponse from, Runnable then) {
        int[] bytes = new int[1];
        from.handler(part -> {
            bytes[0] += part.length();
            if (bytes[0] > MAX_BYTES) {
                then.run();
            }
        });
        from.exceptionHandler(failure -> then.run());
        from.endHandler(end -> then.run());
    }

    /** Whether it would refuse this one, too. */
    boolean isRefused(Upstream upstream, Asked asked) {
        Long until = untilByWay.get(way(upstream, asked));
        return until != null && nanos.getAsLong() - until < 0;
    }

    /** It refused this with log-probabilities, and took it without. */
    void remember(Upstream upstream, Asked asked) {
        untilByWay.put(way(upstream, asked), nanos.getAsLong() + MEMORY.toNanos());
        if (warned.add(upstream.name())) {
            LOG.warn(
                    "Upstream {} refuses requests that ask for {} log-probabilities: its answers are not measured. It is"
                            + " asked again after {} s; alternatives in its configuration says how many to ask for",
                    upstream.name(),
                    upstream.alternatives(),
                    MEMORY.toSeconds());
        }
    }

    /** What they depend on in real engines: the endpoint's form, a stream, tools. */
    private static String way(Upstream upstream, Asked asked) {
        return upstream.name() + ' ' + asked.endpoint() + ' ' + asked.streams() + ' ' + asked.hasTools();
    }
}
