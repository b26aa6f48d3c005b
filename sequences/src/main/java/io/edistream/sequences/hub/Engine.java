package io.edistream.sequences.hub;

import io.edistream.sequences.Ability;
import java.util.Set;

/**
 * What produces tokens, and what it can do with a running sequence at all; what it cannot is answered as unsupported without
 * asking it.
 *
 * @param name for instance djl
 * @param abilities what it can do
 * @param keepsTokens whether the tokens of a sequence are kept until it has ended, for branches and results; otherwise they are
 *     forgotten as soon as they were reported
 */
public record Engine(String name, Set<Ability> abilities, boolean keepsTokens) {

    /** Copies the set. */
    public Engine {
        abilities = Set.copyOf(abilities);
    }
}
