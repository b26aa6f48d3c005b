package io.edistream.cli.job;

import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/** Lets a cluster in this JVM report to an object that exists: Flink wants to make its reporters itself. */
public final class HandedReporter implements AutoCloseable {

    private static final Map<String, MetricReporter> BY_ID = new ConcurrentHashMap<>();
    private static final String ID = "id";

    private final String id = UUID.randomUUID().toString();
    private final Configuration settings = new Configuration();

    /**
     * Hands over a reporter to the next cluster with the {@link #settings}.
     *
     * @param name the reporter's in Flink's settings
     * @param options further ones of the reporter
     */
    public HandedReporter(String name, MetricReporter reporter, Map<String, String> options) {
        BY_ID.put(id, reporter);
        String prefix = "metrics.reporter." + name + ".";
        settings.setString(prefix + "factory.class", Factory.class.getName());
        settings.setString(prefix + ID, id);
        options.forEach((option, value) -> settings.setString(prefix + option, value));
    }

    /** What the cluster must be told. */
    public Configuration settings() {
        return settings;
    }

    @Override
    public void close() {
        BY_ID.remove(id);
    }

    /** Hands Flink the one that the settings name. */
    public static final class Factory implements MetricReporterFactory {
        @Override
        public MetricReporter createMetricReporter(Properties properties) {
            MetricReporter reporter = BY_ID.get(properties.getProperty(ID, ""));
            if (reporter == null) {
                throw new IllegalStateException("the reporter was closed before the cluster started");
            }
            return reporter;
        }
    }
}
