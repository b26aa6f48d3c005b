package io.edistream.signals.rules;

import io.edistream.signals.Catalogue;
import java.util.Set;

/**
 * When a command should be sent, and which. Implementations are records whose components are the rule's configuration.
 */
public sealed interface Rule permits AbortAbove, BranchAbove {

    /** What is the same for every rule. */
    RuleHeader header();

    /** How often the rule may fire for one sequence, at least 1. */
    int maxFirings();

    /** Names of the signals that it reads. */
    Set<String> signals();

    /**
     * What asks the rule of sequences with this catalogue. Names are looked up here, once, and not after every token.
     *
     * @throws IllegalArgumentException if the rule names a signal that is not there
     */
    Trigger trigger(Catalogue catalogue);
}
