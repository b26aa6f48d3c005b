package io.edistream.metrics;

import io.edistream.schemas.metrics.Metric;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A part of the catalogue, registered by what it says; histograms have classic and native buckets. Whoever asks for a
 * metric that was not registered, or as another type, gets an {@link IllegalArgumentException}.
 */
public final class RegisteredMetrics {

    private final Map<Metric, Counter> counters = new HashMap<>();
    private final Map<Metric, Gauge> gauges = new HashMap<>();
    private final Map<Metric, Histogram> histograms = new HashMap<>();

    /**
     * Registers metrics.
     *
     * @param asked gauges whose values are asked for at each scrape, on its thread, with what gives them; a value that
     *     is not given is absent
     * @throws IllegalArgumentException if a name is taken
     */
    public RegisteredMetrics(
            PrometheusRegistry registry,
            List<Metric> metrics,
            Map<Metric, Consumer<GaugeWithCallback.Callback>> asked) {
        for (Metric metric : metrics) {
            Consumer<GaugeWithCallback.Callback> values = asked.get(metric);
            if (values == null) {
                register(metric, registry);
            } else {
                GaugeWithCallback.builder()
                        .name(metric.name())
                        .help(metric.help())
                        .labelNames(metric.labelNames())
                        .callback(values)
                        .register(registry);
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
                                .classicUpperBounds(metric.upperBounds())
                                .register(registry));
        }
    }

    public Counter counter(Metric metric) {
        return found(counters, metric, Metric.Type.COUNTER);
    }

    public Gauge gauge(Metric metric) {
        return found(gauges, metric, Metric.Type.GAUGE);
    }

    public Histogram histogram(Metric metric) {
        return found(histograms, metric, Metric.Type.HISTOGRAM);
    }

    private static <M> M found(Map<Metric, M> all, Metric metric, Metric.Type type) {
        M found = all.get(metric);
        if (found == null) {
            throw new IllegalArgumentException(metric.name() + " was not registered as a " + type);
        }
        return found;
    }
}
