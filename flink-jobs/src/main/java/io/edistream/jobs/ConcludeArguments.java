package io.edistream.jobs;

import io.edistream.signals.EntropyKind;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules.Setting;
import io.edistream.signals.rules.Threshold;
import io.edistream.signals.rules.Threshold.Side;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** Options of the rule conclude-below or conclude-above. */
final class ConcludeArguments {

    /** A signal over fewer tokens says little, and a low one is low from the first token on. Our choice. */
    private static final int DEFAULT_MIN_TOKENS = 32;

    // Required as soon as another option of the rule is given, which would otherwise count for nothing.
    @Option(names = "--conclude", paramLabel = "MODE", required = true, description = "${COMPLETION-CANDIDATES}.")
    private Mode mode = Mode.OFF;

    @Option(names = "--conclude-signal", paramLabel = "NAME", description = "Name of the signal.")
    private String signal = "mean_entropy";

    @Option(
            names = "--conclude-side",
            paramLabel = "SIDE",
            description = "On which side of the limit the rule fires: ${COMPLETION-CANDIDATES}.")
    private Side side = Side.BELOW;

    @Option(
            names = "--conclude-limit",
            paramLabel = "VALUE",
            showDefaultValue = Visibility.NEVER,
            description = "Limit that the signal must cross.")
    private double limit = Double.NaN;

    @Option(
            names = "--conclude-min-tokens",
            paramLabel = "TOKENS",
            description = "Tokens before which the rule does not fire.")
    private int minTokens = DEFAULT_MIN_TOKENS;

    @Option(
            names = "--conclude-text",
            paramLabel = "TEXT",
            showDefaultValue = Visibility.NEVER,
            description = "Text to force, for instance the end of thinking; the source's own if none is given.")
    private String text = "";

    @Option(
            names = "--conclude-models",
            paramLabel = "NAME",
            showDefaultValue = Visibility.NEVER,
            split = ",",
            description = "Models that the limit was calibrated on.")
    private Set<String> models = new LinkedHashSet<>();

    @Option(
            names = "--conclude-routes",
            paramLabel = "NAME",
            showDefaultValue = Visibility.NEVER,
            split = ",",
            description = "Routes that the limit was calibrated on; all if none is named.")
    private Set<String> routes = new LinkedHashSet<>();

    @Option(
            names = "--conclude-kinds",
            paramLabel = "KIND",
            split = ",",
            description = "Kinds of entropy that the limit was calibrated on: raw, tempered or processed, then"
                    + " -exact or -bounded-K.")
    private Set<String> kinds = Set.of(EntropyKind.RAW_EXACT.toString());

    @Option(
            names = "--conclude-revision",
            paramLabel = "N",
            description = "Revision, to be raised whenever the rule changes.")
    private int revision = 1;

    Optional<Setting> rule() {
        if (mode == Mode.OFF) {
            return Optional.empty();
        }
        RuleKey key = new RuleKey("conclude-" + side.name().toLowerCase(Locale.ROOT), revision);
        Threshold rule = Threshold.of(
                        key,
                        RuleArguments.scope(key, mode, models, routes, kinds),
                        signal,
                        side,
                        RuleArguments.requireLimit("--conclude-limit", limit, key),
                        new Act.Conclude(text))
                .from(minTokens);
        return Optional.of(new Setting(rule, mode));
    }
}
