package io.edistream.signals.monitor;

import io.edistream.signals.Catalogue;
import io.edistream.signals.SignalOptions;
import io.edistream.signals.rules.Rule;
import io.edistream.signals.rules.Trigger;
import java.util.List;

/**
 * How sequences are scored and what is done about it. A sequence keeps the policy that it was started with, so that a
 * change never mixes two definitions in one score.
 */
public final class Policy {

    private final SignalOptions options;
    private final List<Rule> rules;
    private final Catalogue catalogue;
    private final List<Trigger> triggers;

    /**
     * @param options of the signals
     * @param rules in the order in which they are asked; ids differ
     * @throws IllegalArgumentException if a rule names a signal that is not there, or two have the same id
     */
    public Policy(SignalOptions options, List<Rule> rules) {
        this.options = options;
        this.rules = List.copyOf(rules);
        this.catalogue = new Catalogue(options);
        this.triggers = this.rules.stream().map(rule -> rule.trigger(catalogue)).toList();
        long ids =
                this.rules.stream().map(rule -> rule.header().id()).distinct().count();
        if (ids < this.rules.size()) {
            throw new IllegalArgumentException("two rules have the same id: "
                    + this.rules.stream().map(rule -> rule.header().id()).toList());
        }
    }

    /** Options of the signals. */
    public SignalOptions options() {
        return options;
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

    @Override
    public boolean equals(Object other) {
        return other instanceof Policy that && options.equals(that.options) && rules.equals(that.rules);
    }

    @Override
    public int hashCode() {
        return 31 * options.hashCode() + rules.hashCode();
    }

    @Override
    public String toString() {
        return "Policy[" + options + ", " + rules + "]";
    }
}
