package io.edistream.sequences.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.metrics.Metric;
import io.edistream.schemas.metrics.SourceMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the page of metrics says of a source is what one shows. */
class ExportedMetricsTest {

    private static String exported(Metric metric) {
        // The library adds the ending when it writes.
        return metric.name().replaceAll("_total$", "");
    }

    @Test
    void aSourceShowsTheCatalogueAndNothingElse() {
        PrometheusRegistry registry = new PrometheusRegistry();
        GeneratorMetrics metrics = new GeneratorMetrics(registry);
        metrics.route("m", "r").occupied(3, 4);
        metrics.heartbeatAge(() -> OptionalDouble.of(1));
        Set<String> shown = registry.scrape().stream()
                .map(MetricSnapshot::getMetadata)
                .map(metadata -> metadata.getPrometheusName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(shown)
                .containsExactlyInAnyOrderElementsOf(SourceMetrics.all().stream()
                        .map(ExportedMetricsTest::exported)
                        .toList());
    }
}
