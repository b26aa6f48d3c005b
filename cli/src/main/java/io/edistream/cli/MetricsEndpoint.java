package io.edistream.cli;

import io.edistream.http.ListenAddress;
import io.edistream.http.ProcessState;
import io.edistream.http.RegistryScrape;
import io.edistream.http.Scrape;
import io.edistream.http.StatusLimits;
import io.edistream.http.StatusServer;
import io.edistream.schemas.metrics.ProcessMetrics;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;

/** Where Prometheus reads, and whoever wants to know whether the process is well. */
public final class MetricsEndpoint {

    private static final String OPTION = "--metrics";

    private MetricsEndpoint() {}

    /**
     * Opens it for a registry, to which the build is added.
     *
     * @param address host:port; port 0 is any free one
     * @throws UserError if it is no address of this machine, or is in use
     */
    public static StatusServer open(String address, PrometheusRegistry registry, ProcessState state) {
        return open(address, page(registry), state);
    }

    /** What a registry shows, to which the build is added. */
    public static Scrape page(PrometheusRegistry registry) {
        Info.builder()
                .name(ProcessMetrics.BUILD_INFO.name())
                .help(ProcessMetrics.BUILD_INFO.help())
                .labelNames(ProcessMetrics.BUILD_INFO.labelNames())
                .register(registry)
                .addLabelValues(Edistream.Version.number());
        return new RegistryScrape(registry);
    }

    /**
     * Opens it for a page that has everything.
     *
     * @param address host:port; port 0 is any free one
     * @throws UserError if it is no address of this machine, or is in use
     */
    public static StatusServer open(String address, Scrape page, ProcessState state) {
        ListenAddress listen = UserError.checked(() -> ListenAddress.parse(OPTION, address));
        try {
            return StatusServer.open(listen, page, state, StatusLimits.defaults());
        } catch (IOException e) {
            throw UserError.wrongRequest(OPTION + " " + address + ": cannot be opened: " + e.getMessage());
        }
    }
}
