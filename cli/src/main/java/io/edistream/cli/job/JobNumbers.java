package io.edistream.cli.job;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * The job's own counters and gauges, as Flink has them in this JVM, summed over tasks and labels. A counter goes on where
 * it was when a task starts anew. Thread-safe.
 */
final class JobNumbers implements MetricReporter, AutoCloseable {

    /** Flink makes its reporters itself; this is how the one that it makes is ours. */
    private static final Map<String, JobNumbers> BY_ID = new ConcurrentHashMap<>();

    private static final String ID = "id";
    private static final String REPORTER = "metrics.reporter.edistream-line.";

    private final String id = UUID.randomUUID().toString();
    private final IdentityHashMap<Metric, String> names = new IdentityHashMap<>();
    private final Map<String, Long> ended = new HashMap<>();

    /** Begins to listen, once a cluster with the {@link #settings} starts. */
    static JobNumbers create() {
        JobNumbers numbers = new JobNumbers();
        BY_ID.put(numbers.id, numbers);
        return numbers;
    }

    /** What the cluster must be told. */
    Configuration settings() {
        Configuration settings = new Configuration();
        settings.setString(REPORTER + "factory.class", Factory.class.getName());
        settings.setString(REPORTER + ID, id);
        return settings;
    }

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
        BY_ID.remove(id);
    }

    /** Hands Flink the one that the settings name. */
    public static final class Factory implements MetricReporterFactory {
        @Override
        public MetricReporter createMetricReporter(Properties properties) {
            JobNumbers numbers = BY_ID.get(properties.getProperty(ID));
            return numbers == null ? new JobNumbers() : numbers;
        }
    }
}
