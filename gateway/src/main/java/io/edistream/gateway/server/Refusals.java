package io.edistream.gateway.server;

import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.request.Asked;
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

    private final LongSupplier nanos;
    private final Map<String, Long> untilByWay = new HashMap<>();
    private final Set<String> warned = new HashSet<>();

    Refusals(LongSupplier nanos) {
        this.nanos = nanos;
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
