package io.edistream.cli.generate;

import io.edistream.signals.groups.Strategy;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a strategy is written: {@code all}, {@code until:AGREE} or {@code waves:WIDTH:LEAD}. */
final class StrategyName {

    private static final Pattern UNTIL = Pattern.compile("until:([0-9]{1,4})");
    private static final Pattern WAVES = Pattern.compile("waves:([0-9]{1,4}):([0-9]{1,4})");

    private StrategyName() {}

    /**
     * The strategy of that name.
     *
     * @throws IllegalArgumentException if there is none, or a number is out of its bounds; the message says what is allowed
     */
    static Strategy parse(String name) {
        Matcher until = UNTIL.matcher(name);
        Matcher waves = WAVES.matcher(name);
        if (name.equals("all")) {
            return new Strategy.AllAtOnce();
        } else if (until.matches()) {
            return new Strategy.OneByOne(Integer.parseInt(until.group(1)));
        } else if (waves.matches()) {
            return new Strategy.Waves(Integer.parseInt(waves.group(1)), Integer.parseInt(waves.group(2)));
        }
        throw new IllegalArgumentException(
                "no strategy " + name + ": must be all, until:AGREE (one sample after another until so"
                        + " many agree) or waves:WIDTH:LEAD (so many at a time until one answer is ahead by so many)");
    }
}
