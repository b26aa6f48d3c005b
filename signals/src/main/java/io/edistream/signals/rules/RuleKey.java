package io.edistream.signals.rules;

import java.io.Serializable;

/**
 * One revision of one rule.
 *
 * @param id name of the rule, 1 to {@value #MAX_ID_CHARACTERS} lower-case letters, digits and dashes
 * @param revision counts up from 1 whenever the rule changes
 */
public record RuleKey(String id, int revision) implements Serializable {

    private static final int MAX_ID_CHARACTERS = 64;
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    /**
     * @throws IllegalArgumentException if a bound is violated
     */
    public RuleKey {
        if (!id.matches("[a-z0-9-]{1," + MAX_ID_CHARACTERS + "}")) {
            throw new IllegalArgumentException("rule id '" + id + "': must be 1 to " + MAX_ID_CHARACTERS
                    + " lower-case letters, digits and dashes");
        }
        if (revision < 1) {
            throw new IllegalArgumentException("revision " + revision + " of rule " + id + ": must be at least 1");
        }
    }

    /** Stands for the key in stored state: FNV-1a, 64 bits, over id, a colon and revision. */
    long fingerprint() {
        long hash = FNV_OFFSET;
        for (char c : (id + ':' + revision).toCharArray()) {
            hash = (hash ^ c) * FNV_PRIME;
        }
        return hash;
    }

    @Override
    public String toString() {
        return id + ":" + revision;
    }
}
