package io.edistream.jobs;

import io.edistream.signals.EntropyKind;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules.Setting;
import io.edistream.signals.rules.Threshold;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** Options of rule reroute-above. */
final class RerouteArguments {
    // Required as soon as another option of the rule is given, which would otherwise count for nothing.
    @Option(names = "--reroute", paramLabel = "MODE", required = true, description = "${COMPLETION-CANDIDATES}.")
    private Mode mode = Mode.OFF;

    @Option(
            names = "--reroute-to",
            paramLabel = "ROUTE",
            showDefaultValue = Visibility.NEVER,
            description = "Name of the route to go on with; sequences that run on it stay there.")
    private String target = "";

    @Option(
            names = "--reroute-from-prompt",
            description = "Begin again from the prompt instead of going on from what was generated.")
    private boolean fromPrompt;

    @Option(names = "--reroute-signal", paramLabel = "NAME", description = "Name of the signal.")
    private String signal = "edis";

    @Option(
            names = "--reroute-limit",
            paramLabel = "VALUE",
            showDefaultValue = Visibility.NEVER,
            description = "Limit that the signal must exceed.")
    private double limit = Double.NaN;

    @Option(
            names = "--reroute-min-tokens",
            paramLabel = "TOKENS",
            description = "Tokens before which the rule does not fire.")
    private int minTokens;

    @Option(
            names = "--reroute-max-token",
            paramLabel = "TOKEN",
            showDefaultValue = Visibility.NEVER,
            description = "Index of the last token at which the rule fires, so that little is generated in vain; any if"
                    + " none is named.")
    private int maxToken = Threshold.ANY_TOKEN;

    @Option(
            names = "--reroute-models",
            paramLabel = "NAME",
            showDefaultValue = Visibility.NEVER,
            split = ",",
            description = "Models that the limit was calibrated on.")
    private Set<String> models = new LinkedHashSet<>();

    @Option(
            names = "--reroute-routes",
            paramLabel = "NAME",
            showDefaultValue = Visibility.NEVER,
            split = ",",
            description = "Routes that the limit was calibrated on; all if none is named.")
    private Set<String> routes = new LinkedHashSet<>();

    @Option(
            names = "--reroute-kinds",
            paramLabel = "KIND",
            split = ",",
            description = "Kinds of entropy that the limit was calibrated on: raw, tempered or processed, then"
                    + " -exact or -bounded-K.")
    private Set<String> kinds = Set.of(EntropyKind.RAW_EXACT.toString());

    @Option(
            names = "--reroute-revision",
            paramLabel = "N",
            description = "Revision, to be raised whenever the rule changes.")
    private int revision = 1;

    Optional<Setting> rule() {
        if (mode == Mode.OFF) {
            return Optional.empty();
        }
        RuleKey key = new RuleKey("reroute-above", revision);
        if (target.isBlank()) {
            throw new IllegalArgumentException(
                    "--reroute-to is missing: rule " + key.id() + " needs the name of a route to go on with");
        }
        if (routes.equals(Set.of(target))) {
            throw new IllegalArgumentException(
                    "--reroute-routes " + target + ": must name another route than the target" + " of rule " + key.id()
                            + ", whose sequences stay there");
        }
        Threshold rule = Threshold.above(
                        key,
                        RuleArguments.scope(key, mode, models, routes, kinds),
                        signal,
                        RuleArguments.requireLimit("--reroute-limit", limit, key),
                        new Act.Reroute(target, fromPrompt))
                .from(minTokens)
                .until(maxToken);
        return Optional.of(new Setting(rule, mode));
    }
}
