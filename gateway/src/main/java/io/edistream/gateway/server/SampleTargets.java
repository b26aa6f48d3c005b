package io.edistream.gateway.server;

import io.edistream.gateway.config.Route;
import io.edistream.gateway.upstream.Backends;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who is asked for the samples of one prompt: all of them ask the upstream that began to answer first, whose cache has the prompt. */
final class SampleTargets {

    private final Backends backends;
    private final Route route;
    private Route.@Nullable Target known;

    SampleTargets(Backends backends, Route route) {
        this.backends = backends;
        this.route = route;
    }

    /** Who is asked next; empty if nobody may be asked now. */
    Optional<Route.Target> next() {
        Route.Target same = known;
        if (same == null) {
            return backends.next(route, null);
        }
        return backends.isFree(same) ? Optional.of(same) : Optional.empty();
    }

    /** Who else may be asked where one could not be reached. */
    Optional<Route.Target> insteadOf(Route.Target failed) {
        return known == null ? backends.next(route, failed) : Optional.empty();
    }

    /** One has begun to answer; true if it is the first. */
    boolean answered(Route.Target by) {
        boolean first = known == null;
        known = first ? by : known;
        return first;
    }

    /** Why nobody may be asked now. */
    ApiError nobody() {
        return ApiError.nobody(route, backends);
    }
}
