package io.edistream.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.schemas.metrics.SourceMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegisteredMetricsTest {

    private final PrometheusRegistry registry = new PrometheusRegistry();

    @Test
    void aHistogramHasTheBoundsOfTheCatalogueAndNativeBuckets() {
        RegisteredMetrics metrics = new RegisteredMetrics(registry, List.of(SourceMetrics.REACTION_TOKENS), Map.of());
        metrics.histogram(SourceMetrics.REACTION_TOKENS).labelValues("abort").observe(3);
        HistogramSnapshot.HistogramDataPointSnapshot shown =
                ((HistogramSnapshot) registry.scrape().get(0)).getDataPoints().get(0);
        assertThat(shown.getClassicBuckets().stream()
                        .map(bucket -> bucket.getUpperBound())
                        .toList())
                .containsExactly(0d, 1d, 2d, 3d, 4d, 6d, 8d, 12d, 16d, 24d, 32d, 64d, 128d, Double.POSITIVE_INFINITY);
        assertThat(shown.hasNativeHistogramData()).isTrue();
    }

    @Test
    void anAskedGaugeIsAbsentWhileItHasNoValue() {
        RegisteredMetrics metrics = new RegisteredMetrics(
                registry, List.of(SourceMetrics.HEARTBEAT_AGE), Map.of(SourceMetrics.HEARTBEAT_AGE, callback -> {}));
        assertThat(registry.scrape().get(0).getDataPoints()).isEmpty();
        assertThatThrownBy(() -> metrics.gauge(SourceMetrics.HEARTBEAT_AGE))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aMetricOfAnotherTypeIsRefused() {
        RegisteredMetrics metrics = new RegisteredMetrics(registry, List.of(SourceMetrics.STEPS), Map.of());
        assertThat(metrics.counter(SourceMetrics.STEPS)).isNotNull();
        assertThatThrownBy(() -> metrics.histogram(SourceMetrics.STEPS))
                .hasMessage("edistream_generator_steps_total was not registered as a HISTOGRAM");
    }
}
