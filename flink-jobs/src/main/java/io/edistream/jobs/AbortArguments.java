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

/** Options of rule abort-above. */
final class AbortArguments {
    // Required as soon as another option of the rule is given, which would otherwise count for nothing.
    @Option(names = "--abort", paramLabel = "MODE", required = true, description = "${COMPLETION-CANDIDATES}.")
    private Mode mode = Mode.OFF;

    @Option(names = "--abort-signal", paramLabel = "NAME", description = "Name of the signal.")
    private String signal = "edis";

    @Option(
            names = "--abort-limit",
            paramLabel = "VALUE",
            showDefaultValue = Visibility.NEVER,
            description = "Limit that the signal must exceed.")
    private double limit = Double.NaN;

    @Option(
            names = "--abort-min-tokens",
            paramLabel = "TOKENS",
            description = "Tokens before which the rule does not fire.")
    private int minTokens;

    @Option(
            names = "--abort-last",
            description =
                    "Stop a sequence also if no other of its prompt runs or has finished, such as the only answer that a"
                            + " client of a gateway asked for.")
    private boolean last;

    @Option(
            names = "--abort-models",
            paramLabel = "NAME",
            showDefaultValue = Visibility.NEVER,
            split = ",",
            description = "Models that the limit was calibrated on.")
    private Set<String> models = new LinkedHashSet<>();

    @Option(
            names = "--abort-routes",
            paramLabel = "NAME",
            showDefaultValue = Visibility.NEVER,
            split = ",",
            description = "Routes that the limit was calibrated on; all if none is named.")
    private Set<String> routes = new LinkedHashSet<>();

    @Option(
            names = "--abort-kinds",
            paramLabel = "KIND",
            split = ",",
            description = "Kinds of entropy that the limit was calibrated on: raw, tempered or processed, then"
                    + " -exact or -bounded-K.")
    private Set<String> kinds = Set.of(EntropyKind.RAW_EXACT.toString());

    @Option(
            names = "--abort-revision",
            paramLabel = "N",
            description = "Revision, to be raised whenever the rule changes.")
    private int revision = 1;

    Optional<Setting> rule() {
        if (mode == Mode.OFF) {
            return Optional.empty();
        }
        RuleKey key = new RuleKey("abort-above", revision);
        return Optional.of(new Setting(
                Threshold.above(
                                key,
                                RuleArguments.scope(key, mode, models, routes, kinds),
                                signal,
                                RuleArguments.requireLimit("--abort-limit", limit, key),
                                new Act.Abort(!last))
                        .from(minTokens),
                mode));
    }
}
