package io.edistream.sequences.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;

/** Reads metrics back. */
public final class Metrics {

    private Metrics() {}

    /** Sum over a metric's series that have all these label values; 0 if there are none. */
    public static double value(GeneratorMetrics metrics, String name, String... labelValues) {
        double sum = 0;
        for (MetricSnapshot snapshot : metrics.registry().scrape(name::equals)) {
            if (snapshot instanceof GaugeSnapshot gauges) {
                sum += gauges.getDataPoints().stream()
                        .filter(point -> has(point.getLabels(), labelValues))
                        .mapToDouble(GaugeSnapshot.GaugeDataPointSnapshot::getValue)
                        .sum();
            } else if (snapshot instanceof CounterSnapshot counters) {
                sum += counters.getDataPoints().stream()
                        .filter(point -> has(point.getLabels(), labelValues))
                        .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
                        .sum();
            }
        }
        return sum;
    }

    private static boolean has(Labels labels, String... values) {
        return labels.stream().map(label -> label.getValue()).toList().containsAll(java.util.List.of(values));
    }
}
