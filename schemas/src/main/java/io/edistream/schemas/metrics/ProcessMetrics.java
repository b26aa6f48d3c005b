package io.edistream.schemas.metrics;

import java.util.List;

/** What every process of Edistream exports. */
public final class ProcessMetrics {

    public static final Metric BUILD_INFO =
            Metric.gauge("edistream_build_info", "1", "Always 1; the label says which build runs.", "version");

    private ProcessMetrics() {}

    /** All of them. */
    public static List<Metric> all() {
        return List.of(BUILD_INFO);
    }
}
