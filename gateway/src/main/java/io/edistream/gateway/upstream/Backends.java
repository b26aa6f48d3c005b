package io.edistream.gateway.upstream;

import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** All upstreams, and who of a route is asked next. Used on the gateway's event loop, but for what says otherwise. */
public final class Backends {

    private final Map<String, Backend> backends = new LinkedHashMap<>();
    private final RandomGenerator random;

    /**
     * @param random draws who is asked next, for any thread
     */
    public Backends(Vertx vertx, List<Upstream> upstreams, RandomGenerator random) {
        this.random = random;
        upstreams.forEach(upstream -> backends.put(upstream.name(), new Backend(vertx, upstream)));
    }

    /** The connections to one of them. */
    public Backend of(Upstream upstream) {
        Backend backend = backends.get(upstream.name());
        if (backend == null) {
            throw new IllegalArgumentException("there is no upstream " + upstream.name());
        }
        return backend;
    }

    /** Whether any upstream may be asked now. */
    public boolean anyUp() {
        return backends.values().stream().anyMatch(Backend::isUp);
    }

    /** Whether any target of a route may be asked now, with room or without. */
    public boolean anyUp(Route route) {
        return route.targets().stream().anyMatch(target -> of(target.upstream()).isUp());
    }

    /**
     * One of a route that suits, by weights, among those that are up and have room. From any thread.
     */
    public Optional<Route.Target> any(Route route, Predicate<Route.Target> suits) {
        return draw(route.targets().stream().filter(this::isFree).filter(suits).toList());
    }

    /** Whether a target may be asked now, and has room. From any thread. */
    public boolean isFree(Route.Target target) {
        Backend backend = of(target.upstream());
        return backend.isUp() && backend.hasRoom();
    }

    /**
     * Who of a route is asked next, by weights, among those that are up and have room.
     *
     * @param but one that is only asked if there is no other; null for none
     */
    public Optional<Route.Target> next(Route route, Route.@Nullable Target but) {
        List<Route.Target> free = route.targets().stream().filter(this::isFree).toList();
        List<Route.Target> others =
                free.stream().filter(target -> !target.equals(but)).toList();
        return draw(others.isEmpty() ? free : others);
    }

    private Optional<Route.Target> draw(List<Route.Target> targets) {
        int left = targets.isEmpty()
                ? 0
                : random.nextInt(targets.stream().mapToInt(Route.Target::weight).sum());
        for (Route.Target target : targets) {
            left -= target.weight();
            if (left < 0) {
                return Optional.of(target);
            }
        }
        return Optional.empty();
    }
}
