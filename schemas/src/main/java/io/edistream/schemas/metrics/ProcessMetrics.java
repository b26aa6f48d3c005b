package io.edistream.schemas.metrics;

import java.util.List;

/** What every process of Edistream exports. */
public final class ProcessMetrics {

    public static final Metric BUILD_INFO = Metric.gauge(
            "edistream_build_info", "1", "Always 1; the labels say which build runs.", "version", "revision");

    private ProcessMetrics() {}

    /** All of them. */
    public static List<Metric> all() {
        return List.of(BUILD_INFO);
    }
}
