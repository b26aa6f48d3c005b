package io.edistream.signals.rules;

import io.edistream.signals.EntropyKind;
import java.io.Serializable;
import java.util.Set;

/**
 * What a limit was set for. Elsewhere it says nothing, and its rule stays in shadow.
 *
 * @param models names of the models; none means that it holds nowhere
 * @param routes names of the routes; none means all
 * @param kinds kinds of entropy
 */
public record LimitScope(Set<String> models, Set<String> routes, Set<EntropyKind> kinds) implements Serializable {

    /** Copies the sets. */
    public LimitScope {
        models = Set.copyOf(models);
        routes = Set.copyOf(routes);
        kinds = Set.copyOf(kinds);
    }

    /** A limit for exact raw entropies of some models on every route. */
    public static LimitScope ofModels(String... models) {
        return new LimitScope(Set.of(models), Set.of(), Set.of(EntropyKind.RAW_EXACT));
    }

    /** Whether the limit holds for such a sequence. */
    public boolean covers(String model, String route, EntropyKind kind) {
        return models.contains(model) && (routes.isEmpty() || routes.contains(route)) && kinds.contains(kind);
    }
}
