package io.edistream.cli.job;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;

/**
 * The job's own counters and gauges, as Flink has them in this JVM, summed over tasks and labels. A counter goes on where
 * it was when a task starts anew. Thread-safe.
 */
final class JobNumbers implements MetricReporter {

    private final IdentityHashMap<Metric, String> names = new IdentityHashMap<>();
    private final Map<String, Long> ended = new HashMap<>();

    /** What was counted under a name; empty before a task counts it. */
    synchronized OptionalLong counted(String name) {
        boolean known = ended.containsKey(name);
        long sum = ended.getOrDefault(name, 0L);
        for (Map.Entry<Metric, String> metric : names.entrySet()) {
            if (metric.getValue().equals(name) && metric.getKey() instanceof Counter counter) {
                sum += counter.getCount();
                known = true;
            }
        }
        return known ? OptionalLong.of(sum) : OptionalLong.empty();
    }

    /** What the gauges of a name show together; empty if there is none. */
    synchronized OptionalLong shown(String name) {
        boolean known = false;
        long sum = 0;
        for (Map.Entry<Metric, String> metric : names.entrySet()) {
            if (metric.getValue().equals(name)
                    && metric.getKey() instanceof Gauge<?> gauge
                    && gauge.getValue() instanceof Number number) {
                sum += number.longValue();
                known = true;
            }
        }
        return known ? OptionalLong.of(sum) : OptionalLong.empty();
    }

    @Override
    public void open(MetricConfig config) {
        // Nothing to prepare.
    }

    @Override
    public synchronized void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
        if (metric instanceof Counter || metric instanceof Gauge) {
            names.put(metric, name);
        }
    }

    @Override
    public synchronized void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {
        if (names.remove(metric) != null && metric instanceof Counter counter) {
            ended.merge(name, counter.getCount(), Long::sum);
        }
    }

    @Override
    public void close() {
        // Nothing to give back.
    }
}
