package io.edistream.gateway.engine;

import io.edistream.sequences.event.EntropyKind;
import java.util.Set;

/**
 * A model that clients may ask for.
 *
 * @param name what it is listed as
 * @param aliases other names of it
 * @param route what events and metrics call it
 * @param entropyKind kind of its tokens' entropies
 * @param alternatives how many of the most probable tokens can be told for each token, at least 0
 */
public record EngineModel(String name, Set<String> aliases, String route, EntropyKind entropyKind, int alternatives) {

    /** Copies the set. */
    public EngineModel {
        aliases = Set.copyOf(aliases);
    }

    /** Whether a client means it by a name. */
    public boolean isCalled(String asked) {
        return name.equals(asked) || aliases.contains(asked);
    }
}
