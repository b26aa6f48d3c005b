package io.edistream.signals.rules;

import io.edistream.signals.Catalogue;
import io.edistream.signals.SequenceSignals;
import java.util.Optional;

/**
 * Decides after every token whether a command should be sent. Pure: the same tokens give the same decisions.
 * Implementations are records whose components are the rule's configuration.
 */
public sealed interface Rule permits AbortAbove, BranchAbove {

    /** What is the same for every rule. */
    RuleHeader header();

    /** How often the rule may fire for one sequence, at least 1. */
    int maxFirings();

    /**
     * Checks that the rule can be evaluated with this catalogue.
     *
     * @throws IllegalArgumentException if it names a signal that is not there
     */
    void check(Catalogue catalogue);

    /**
     * What to do after the newest token, if anything.
     *
     * @param signals the sequence's signals, the newest token included
     * @param newestEntropyNats entropy of the newest token
     * @param token index of the newest token
     */
    Optional<Decision> decide(SequenceSignals signals, double newestEntropyNats, int token);
}
