package io.edistream.generator.metrics;

import io.edistream.schemas.metrics.Metric;
import io.edistream.schemas.metrics.SourceMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/** Everything that the catalogue says a source exports, registered by what it says. */
final class Registered {

    /** Upper bounds of buckets by metric; its native buckets need none. */
    private static final Map<Metric, double[]> BOUNDS = Map.of(
            SourceMetrics.STEP_SECONDS,
            new double[] {.0005, .001, .002, .004, .008, .016, .032, .064, .128, .256, .512, 1},
            SourceMetrics.REACTION_TOKENS,
            new double[] {0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128},
            SourceMetrics.REACTION_SECONDS,
            new double[] {.001, .002, .004, .008, .016, .032, .064, .128, .256, .512, 1, 2, 4, 8});

    private final Map<Metric, Counter> counters = new HashMap<>();
    private final Map<Metric, Gauge> gauges = new HashMap<>();
    private final Map<Metric, Histogram> histograms = new HashMap<>();

    Registered(PrometheusRegistry registry, Supplier<OptionalDouble> heartbeatAge) {
        for (Metric metric : SourceMetrics.all()) {
            if (metric.equals(SourceMetrics.HEARTBEAT_AGE)) {
                GaugeWithCallback.builder()
                        .name(metric.name())
                        .help(metric.help())
                        .callback(callback -> heartbeatAge.get().ifPresent(callback::call))
                        .register(registry);
            } else {
                register(metric, registry);
            }
        }
    }

    private void register(Metric metric, PrometheusRegistry registry) {
        switch (metric.type()) {
            case COUNTER ->
                counters.put(
                        metric,
                        Counter.builder()
                                .name(metric.name())
                                .help(metric.help())
                                .labelNames(metric.labelNames())
                                .register(registry));
            case GAUGE ->
                gauges.put(
                        metric,
                        Gauge.builder()
                                .name(metric.name())
                                .help(metric.help())
                                .labelNames(metric.labelNames())
                                .register(registry));
            case HISTOGRAM ->
                histograms.put(
                        metric,
                        Histogram.builder()
                                .name(metric.name())
                                .help(metric.help())
                                .labelNames(metric.labelNames())
                                .classicUpperBounds(BOUNDS.getOrDefault(metric, new double[] {1}))
                                .register(registry));
        }
    }

    Counter counter(Metric metric) {
        return found(counters, metric);
    }

    Gauge gauge(Metric metric) {
        return found(gauges, metric);
    }

    Histogram histogram(Metric metric) {
        return found(histograms, metric);
    }

    private static <M> M found(Map<Metric, M> all, Metric metric) {
        M found = all.get(metric);
        if (found == null) {
            throw new IllegalArgumentException(metric.name() + " is no " + metric.type() + " of the catalogue");
        }
        return found;
    }
}
