package io.edistream.signals.monitor;

import io.edistream.signals.Catalogue;
import io.edistream.signals.SignalOptions;
import io.edistream.signals.StateLayout;
import io.edistream.signals.rules.Rule;
import io.edistream.signals.rules.Trigger;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * How sequences are scored and what is done about it. A sequence keeps the policy that it was started with, so that a
 * change never mixes two definitions in one score.
 */
public final class Policy {

    private final Catalogue catalogue;
    private final List<Rule> rules;
    private final List<Trigger> triggers;

    /**
     * The policy of this release's signals.
     *
     * @param options of the signals
     * @param rules in the order in which they are asked; ids differ
     * @throws IllegalArgumentException if a rule names a signal that is not there, or two have the same id
     */
    public Policy(SignalOptions options, List<Rule> rules) {
        this(new Catalogue(options), rules);
    }

    /**
     * @param catalogue the signals
     * @param rules in the order in which they are asked; ids differ
     * @throws IllegalArgumentException if a rule names a signal that is not there, or two have the same id
     */
    public Policy(Catalogue catalogue, List<Rule> rules) {
        this(
                catalogue,
                rules,
                rules.stream().map(rule -> rule.trigger(catalogue)).toList());
        long ids = rules.stream().map(rule -> rule.header().id()).distinct().count();
        if (ids < rules.size()) {
            throw new IllegalArgumentException("two rules have the same id: "
                    + rules.stream().map(rule -> rule.header().id()).toList());
        }
    }

    private Policy(Catalogue catalogue, List<Rule> rules, List<Trigger> triggers) {
        this.catalogue = catalogue;
        this.rules = List.copyOf(rules);
        this.triggers = triggers;
    }

    /**
     * The policy of sequences that are stored, perhaps by another release. A rule that names a signal which this one
     * does not have stays in its place, since the states count how often each rule fired, and never fires again.
     */
    static Policy ofStored(SignalOptions options, List<Rule> rules, StateLayout layout) {
        Catalogue catalogue = new Catalogue(options).of(layout);
        Set<String> known = Set.copyOf(catalogue.names());
        return new Policy(
                catalogue,
                rules,
                rules.stream()
                        .map(rule -> known.containsAll(rule.signals()) ? rule.trigger(catalogue) : Trigger.NEVER)
                        .toList());
    }

    /** Options of the signals. */
    public SignalOptions options() {
        return catalogue.options();
    }

    /** The rules, in the order in which they are asked. */
    public List<Rule> rules() {
        return rules;
    }

    /** The signals. */
    public Catalogue catalogue() {
        return catalogue;
    }

    /** What asks each of the rules, in their order. */
    List<Trigger> triggers() {
        return triggers;
    }

    /** Policies are equal if they ask and store the same. */
    @Override
    public boolean equals(Object other) {
        // Asked once per sequence and checkpoint, mostly of the same policy.
        if (this == other) {
            return true;
        }
        return other instanceof Policy that
                && options().equals(that.options())
                && rules.equals(that.rules)
                && catalogue.layout().equals(that.catalogue.layout());
    }

    @Override
    public int hashCode() {
        return Objects.hash(options(), rules, catalogue.layout());
    }

    @Override
    public String toString() {
        return "Policy[" + options() + ", " + rules + "]";
    }
}
