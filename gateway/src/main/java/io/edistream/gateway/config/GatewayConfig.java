package io.edistream.gateway.config;

import io.edistream.http.ListenAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that a gateway is told.
 *
 * @param listen where clients find it
 * @param certificate what it shows there; null if clients connect without TLS
 * @param upstreams who answers
 * @param routes what may be asked for; one without a name comes last and takes what no other has
 * @param clients who may ask; empty if everybody
 * @param limits bounds
 */
public record GatewayConfig(
        ListenAddress listen,
        @Nullable Certificate certificate,
        List<Upstream> upstreams,
        List<Route> routes,
        List<Client> clients,
        Limits limits) {

    /** Copies the lists. */
    public GatewayConfig {
        upstreams = List.copyOf(upstreams);
        routes = List.copyOf(routes);
        clients = List.copyOf(clients);
    }

    /** On 127.0.0.1:8100, for everybody there, with the usual bounds and no upstreams: an engine in the same process answers. */
    public static GatewayConfig forEngine() {
        return new GatewayConfig(ConfigFile.usualAddress(), null, List.of(), List.of(), List.of(), Limits.DEFAULT);
    }

    /** Who answers for a model; empty if nobody does. */
    public Optional<Route> route(String model) {
        Optional<Route> named =
                routes.stream().filter(route -> model.equals(route.model())).findFirst();
        return named.isPresent()
                ? named
                : routes.stream().filter(route -> route.model() == null).findFirst();
    }
}
