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

/** Options of rule branch-above. */
final class BranchArguments {
    @Option(names = "--branch", paramLabel = "MODE", required = true, description = "${COMPLETION-CANDIDATES}.")
    private Mode mode = Mode.OFF;

    @Option(
            names = "--branch-limit",
            paramLabel = "NATS",
            showDefaultValue = Visibility.NEVER,
            description = "Entropy that a token must exceed, nats.")
    private double limit = Double.NaN;

    @Option(
            names = "--branch-width",
            paramLabel = "N",
            description = "Children each time, 1 to " + Act.MAX_STARTED + ".")
    private int width = 2;

    @Option(names = "--branch-max-leaves", paramLabel = "N", description = "Sequences that a prompt may have in all.")
    private int maxLeaves = 8;

    @Option(names = "--branch-max-firings", paramLabel = "N", description = "Times that one sequence may be forked.")
    private int maxFirings = 1;

    @Option(
            names = "--branch-models",
            paramLabel = "NAME",
            showDefaultValue = Visibility.NEVER,
            split = ",",
            description = "Models that the limit was calibrated on.")
    private Set<String> models = new LinkedHashSet<>();

    @Option(
            names = "--branch-routes",
            paramLabel = "NAME",
            showDefaultValue = Visibility.NEVER,
            split = ",",
            description = "Routes that the limit was calibrated on; all if none is named.")
    private Set<String> routes = new LinkedHashSet<>();

    @Option(
            names = "--branch-kinds",
            paramLabel = "KIND",
            split = ",",
            description = "Kinds of entropy that the limit was calibrated on: raw, tempered or processed, then"
                    + " -exact or -bounded-K.")
    private Set<String> kinds = Set.of(EntropyKind.RAW_EXACT.toString());

    @Option(
            names = "--branch-revision",
            paramLabel = "N",
            description = "Revision, to be raised whenever the rule changes.")
    private int revision = 1;

    Optional<Setting> rule() {
        if (mode == Mode.OFF) {
            return Optional.empty();
        }
        RuleKey key = new RuleKey("branch-above", revision);
        return Optional.of(new Setting(
                Threshold.above(
                                key,
                                RuleArguments.scope(key, mode, models, routes, kinds),
                                Threshold.NEWEST_ENTROPY,
                                RuleArguments.requireLimit("--branch-limit", limit, key),
                                new Act.Branch(width, maxLeaves))
                        .atMost(maxFirings),
                mode));
    }
}
