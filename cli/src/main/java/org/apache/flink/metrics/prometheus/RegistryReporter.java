package org.apache.flink.metrics.prometheus;

import io.prometheus.client.CollectorRegistry;

/** Flink's Prometheus reporter without a server of its own: for whoever shows its registry. */
public final class RegistryReporter extends AbstractPrometheusReporter {

    /** Where the metrics of all tasks are registered while they run. */
    public CollectorRegistry registry() {
        return registry;
    }
}
