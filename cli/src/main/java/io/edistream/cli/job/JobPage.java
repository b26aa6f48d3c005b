package io.edistream.cli.job;

import io.edistream.http.Scrape;
import io.edistream.schemas.metrics.ProcessMetrics;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Gauge;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.flink.metrics.prometheus.RegistryReporter;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of the job and of the cluster in this JVM, by the names that Flink's Prometheus reporter gives them, so that
 * boards and alerts need not know where a job runs; and the build. The classic text alone, without exemplars and native
 * buckets, which that reporter does not have.
 */
public final class JobPage implements Scrape, AutoCloseable {

    /** As deploy/local-cluster.sh tells a cluster. */
    private static final Map<String, String> OPTIONS = Map.of(
            "filterLabelValueCharacters",
            "false",
            "scope.variables.excludes",
            "task_attempt_id;task_attempt_num;tm_id;operator_id;task_id");

    private final CollectorRegistry registry;
    private final HandedReporter reporter;

    /**
     * A page without tasks.
     *
     * @param release for instance 0.1.0
     */
    public JobPage(String release) {
        RegistryReporter prometheus = new RegistryReporter();
        registry = prometheus.registry();
        Gauge.build(ProcessMetrics.BUILD_INFO.name(), ProcessMetrics.BUILD_INFO.help())
                .labelNames(ProcessMetrics.BUILD_INFO.labelNames())
                .register(registry)
                .labels(release)
                .set(1);
        reporter = new HandedReporter("prom", prometheus, OPTIONS);
    }

    /** Reports to this page once a cluster starts that is told its settings. */
    public HandedReporter reporter() {
        return reporter;
    }

    @Override
    public String format(@Nullable String accept) {
        return TextFormat.CONTENT_TYPE_004;
    }

    @Override
    public byte[] render(String format) {
        StringWriter page = new StringWriter();
        try {
            TextFormat.write004(page, registry.metricFamilySamples());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return page.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        reporter.close();
    }
}
