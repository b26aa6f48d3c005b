package io.edistream.cli;

import io.edistream.http.ListenAddress;
import io.edistream.http.ProcessState;
import io.edistream.http.RegistryScrape;
import io.edistream.http.StatusLimits;
import io.edistream.http.StatusServer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;

/** Where Prometheus reads, and whoever wants to know whether the process is well. */
public final class MetricsEndpoint {

    private static final String OPTION = "--metrics";

    private MetricsEndpoint() {}

    /**
     * Opens it.
     *
     * @param address host:port; port 0 is any free one
     * @throws UserError if it is no address of this machine, or is in use
     */
    public static StatusServer open(String address, PrometheusRegistry registry, ProcessState state) {
        ListenAddress listen = UserError.checked(() -> ListenAddress.parse(OPTION, address));
        try {
            return StatusServer.open(listen, new RegistryScrape(registry), state, StatusLimits.defaults());
        } catch (IOException e) {
            throw UserError.wrongRequest(OPTION + " " + address + ": cannot be opened: " + e.getMessage());
        }
    }
}
