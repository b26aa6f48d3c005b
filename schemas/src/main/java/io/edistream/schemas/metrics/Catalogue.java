package io.edistream.schemas.metrics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All metrics of the project: whoever documents or shows them takes them from here, so that none is forgotten. */
public final class Catalogue {

    private Catalogue() {}

    /** By who exports them, in the order of {@code docs/metrics.md}. */
    public static Map<String, List<Metric>> parts() {
        Map<String, List<Metric>> parts = new LinkedHashMap<>();
        parts.put("Every process", ProcessMetrics.all());
        parts.put("A source of tokens", SourceMetrics.all());
        parts.put("The gateway", GatewayMetrics.all());
        parts.put("The job", JobMetrics.all());
        parts.put("The exporter", ExporterMetrics.all());
        return Collections.unmodifiableMap(parts);
    }
}
