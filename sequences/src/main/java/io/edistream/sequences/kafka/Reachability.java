package io.edistream.sequences.kafka;

import io.edistream.sequences.metrics.GeneratorMetrics;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a topic can be reached: in the metrics always, in the log when that changes. Thread-safe. */
final class Reachability {

    private static final Logger LOG = LoggerFactory.getLogger(Reachability.class);

    private final String topic;
    private final String trouble;
    private final String end;
    private final GeneratorMetrics metrics;
    private final LongSupplier nanoClock;
    private boolean reachable = true;
    private long lostNanos;

    /**
     * @param trouble what an outage means, in words
     * @param end what its end means, in words
     * @param nanoClock nanoseconds since any moment, never going back
     */
    Reachability(String topic, String trouble, String end, GeneratorMetrics metrics, LongSupplier nanoClock) {
        this.topic = topic;
        this.trouble = trouble;
        this.end = end;
        this.metrics = metrics;
        this.nanoClock = nanoClock;
    }

    /** Something got through. */
    synchronized void through() {
        if (!reachable) {
            reachable = true;
            long seconds = TimeUnit.NANOSECONDS.toSeconds(nanoClock.getAsLong() - lostNanos);
            // As loud as the outage: whoever read of that waits for this.
            LOG.warn("Topic {}: reachable again after {} s, {}", topic, seconds, end);
        }
        metrics.reachable(topic, true);
    }

    /** Something did not get through. */
    synchronized void lost(String reason) {
        if (reachable) {
            reachable = false;
            lostNanos = nanoClock.getAsLong();
            LOG.warn("Topic {}: {}, decoding goes on: {}", topic, trouble, reason);
        }
        metrics.reachable(topic, false);
    }
}
