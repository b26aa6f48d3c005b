package io.edistream.cli.generate;

import io.edistream.cli.UserError;
import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where Prometheus reads. */
final class MetricsEndpoint {

    private static final Pattern ADDRESS = Pattern.compile("(.+):(\\d{1,5})");
    private static final int MAX_PORT = 65_535;

    private MetricsEndpoint() {}

    /**
     * Opens it.
     *
     * @param address host:port; port 0 is any free one
     * @throws UserError if it is no address of this machine, or is in use
     */
    static HTTPServer open(String address, PrometheusRegistry registry) {
        Matcher parts = ADDRESS.matcher(address);
        if (!parts.matches() || Integer.parseInt(parts.group(2)) > MAX_PORT) {
            throw UserError.wrongRequest("--metrics " + address + ": must be host:port, the port 0 to " + MAX_PORT);
        }
        try {
            return HTTPServer.builder()
                    .hostname(parts.group(1))
                    .port(Integer.parseInt(parts.group(2)))
                    .registry(registry)
                    .buildAndStart();
        } catch (IOException | RuntimeException e) {
            throw UserError.wrongRequest("--metrics " + address + ": cannot be opened: " + e.getMessage());
        }
    }
}
