package io.edistream.http;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a registry: the classic text, OpenMetrics, which has exemplars, or Protocol Buffers, which have native
 * histograms, as the request asks.
 */
public final class RegistryScrape implements Scrape {

    private static final int FIRST_BYTES = 16_384;

    private final PrometheusRegistry registry;
    private final ExpositionFormats formats = ExpositionFormats.init();

    public RegistryScrape(PrometheusRegistry registry) {
        this.registry = registry;
    }

    @Override
    public String format(@Nullable String accept) {
        return formats.findWriter(accept).getContentType();
    }

    @Override
    public byte[] render(String format) {
        ExpositionFormatWriter writer = formats.findWriter(format);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(FIRST_BYTES);
        try {
            writer.write(bytes, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
