package io.edistream.signals.rules;

import java.util.Set;

/**
 * What is the same for every rule.
 *
 * @param id name of the rule, 1 to {@value #MAX_ID_CHARACTERS} lower-case letters, digits and dashes
 * @param version counts up whenever the rule's configuration changes, from 1
 * @param armed whether its commands may act at all; if not, they are sent as shadow commands
 * @param models names of the models that its limit was calibrated on; for any other model it stays in shadow
 */
public record RuleHeader(String id, int version, boolean armed, Set<String> models) {

    private static final int MAX_ID_CHARACTERS = 64;

    /**
     * @throws IllegalArgumentException if a bound is violated
     */
    public RuleHeader {
        if (!id.matches("[a-z0-9-]{1," + MAX_ID_CHARACTERS + "}")) {
            throw new IllegalArgumentException("rule id '" + id + "': must be 1 to " + MAX_ID_CHARACTERS
                    + " lower-case letters, digits and dashes");
        }
        if (version < 1) {
            throw new IllegalArgumentException("version " + version + " of rule " + id + ": must be at least 1");
        }
        models = Set.copyOf(models);
    }

    /** Whether the rule's commands act on sequences of this model. */
    public boolean armedFor(String model) {
        return armed && models.contains(model);
    }
}
