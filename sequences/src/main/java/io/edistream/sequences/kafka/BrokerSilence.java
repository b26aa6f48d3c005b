package io.edistream.sequences.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/**
 * Notices brokers that have stopped answering while their connections stand, as those of a process that is frozen: a
 * consumer reads nothing then and says nothing. A consumer asks for records all the time and gets an answer every half
 * second, with or without any; so answers that no longer come are counted. Used by one thread.
 */
final class BrokerSilence {

    /** Silence after which a broker counts as gone: ten answers. */
    static final Duration LIMIT = Duration.ofSeconds(5);

    private static final String GROUP = "consumer-node-metrics";
    private static final String ANSWERS = "response-total";
    private static final String NODE = "node-id";

    private final LongSupplier nanoClock;
    private final Map<Integer, Heard> lastByBroker = new HashMap<>();

    /**
     * @param nanoClock nanoseconds since any moment, never going back
     */
    BrokerSilence(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /**
     * Which broker is silent, in words; empty if all that are known to have answered once still answer. To be asked every
     * few seconds at least.
     *
     * @param brokers ids of those that are asked for records
     * @param metrics a consumer's
     */
    Optional<String> of(Set<Integer> brokers, Map<MetricName, ? extends Metric> metrics) {
        lastByBroker.keySet().retainAll(brokers);
        long now = nanoClock.getAsLong();
        for (Metric metric : metrics.values()) {
            MetricName name = metric.metricName();
            if (name.group().equals(GROUP) && name.name().equals(ANSWERS)) {
                hear(brokers, name.tags().get(NODE), metric.metricValue(), now);
            }
        }
        return lastByBroker.entrySet().stream()
                .filter(last -> now - last.getValue().nanos >= LIMIT.toNanos())
                .map(last -> "broker " + last.getKey() + " has not answered for " + LIMIT.toSeconds() + " s")
                .findFirst();
    }

    private void hear(Set<Integer> brokers, String node, Object answers, long now) {
        for (int broker : brokers) {
            if (("node-" + broker).equals(node)) {
                Heard last = lastByBroker.get(broker);
                if (last == null || !last.answers.equals(answers)) {
                    lastByBroker.put(broker, new Heard(answers, now));
                }
            }
        }
    }

    private record Heard(Object answers, long nanos) {}
}
