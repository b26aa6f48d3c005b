package io.edistream.signals.rules;

import java.io.Serializable;
import java.util.List;

/**
 * The rules in force and what each may do.
 *
 * @param settings in the order in which they are asked; ids differ
 */
public record Rules(List<Setting> settings) implements Serializable {

    /** None. */
    public static final Rules NONE = new Rules(List.of());

    /**
     * @throws IllegalArgumentException if two have the same id
     */
    public Rules {
        settings = List.copyOf(settings);
        long ids = settings.stream()
                .map(setting -> setting.rule().key().id())
                .distinct()
                .count();
        if (ids < settings.size()) {
            throw new IllegalArgumentException("two rules have the same id: "
                    + settings.stream().map(setting -> setting.rule().key()).toList());
        }
    }

    /** One rule. */
    public static Rules of(Threshold rule, Mode mode) {
        return new Rules(List.of(new Setting(rule, mode)));
    }

    /**
     * A rule and its mode.
     *
     * @param rule the rule
     * @param mode whether it may act
     */
    public record Setting(Threshold rule, Mode mode) implements Serializable {}
}
