package io.edistream.signals.monitor;

import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Rule;
import io.edistream.signals.rules.Trigger;
import java.util.List;
import java.util.Objects;

/**
 * How sequences are scored and what is done about it. A sequence keeps the policy that it was started with, so that a
 * change never mixes two definitions in one score.
 */
public final class Policy {

    private final Catalogue catalogue;
    private final List<Rule> rules;
    private final List<Trigger> triggers;

    /**
     * @param scoring which signals, with which options
     * @param rules in the order in which they are asked; ids differ
     * @throws IllegalArgumentException if a rule names a signal that is not there, or two have the same id
     */
    public Policy(Scoring scoring, List<Rule> rules) {
        this.catalogue = new Catalogue(scoring);
        this.rules = List.copyOf(rules);
        this.triggers = rules.stream().map(rule -> rule.trigger(catalogue)).toList();
        long ids = rules.stream().map(rule -> rule.header().id()).distinct().count();
        if (ids < rules.size()) {
            throw new IllegalArgumentException("two rules have the same id: "
                    + rules.stream().map(rule -> rule.header().id()).toList());
        }
    }

    /** Which signals, with which options. */
    public Scoring scoring() {
        return catalogue.scoring();
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
        return other instanceof Policy that && scoring().equals(that.scoring()) && rules.equals(that.rules);
    }

    @Override
    public int hashCode() {
        return Objects.hash(scoring(), rules);
    }

    @Override
    public String toString() {
        return "Policy[" + scoring() + ", " + rules + "]";
    }
}
