package io.edistream.jobs;

import io.edistream.signals.EntropyKind;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;

/** Rules by options: one of each kind, off until its mode is given. */
final class RuleArguments {

    @ArgGroup(exclusive = false, heading = "%nRule abort-above: abort a sequence whose signal exceeds a limit.%n")
    private AbortArguments abort = new AbortArguments();

    @ArgGroup(
            exclusive = false,
            heading = "%nRule reroute-above: let a sequence whose signal exceeds a limit go on in another route.%n")
    private RerouteArguments reroute = new RerouteArguments();

    @ArgGroup(
            exclusive = false,
            heading =
                    "%nRule conclude-below or conclude-above: let a sequence whose signal crosses a limit answer now.%n")
    private ConcludeArguments conclude = new ConcludeArguments();

    @ArgGroup(
            exclusive = false,
            heading = "%nRule branch-above: fork a sequence at a token whose entropy exceeds a limit.%n")
    private BranchArguments branch = new BranchArguments();

    /**
     * Those that are not off.
     *
     * @throws IllegalArgumentException if a value is out of its bounds; the message names value and bound
     */
    Rules rules() {
        return new Rules(Stream.of(abort.rule(), reroute.rule(), conclude.rule(), branch.rule())
                .flatMap(Optional::stream)
                .toList());
    }

    static LimitScope scope(RuleKey key, Mode mode, Set<String> models, Set<String> routes, Set<String> kinds) {
        if (mode == Mode.ARMED && models.isEmpty()) {
            throw new IllegalArgumentException("rule " + key.id()
                    + " is armed for no model: at least one must be named, since a limit only holds for the models that"
                    + " it was calibrated on");
        }
        return new LimitScope(
                models, routes, kinds.stream().map(EntropyKind::parse).collect(Collectors.toSet()));
    }

    /** The limit that was typed, which has no default. */
    static double requireLimit(String option, double limit, RuleKey key) {
        if (!Double.isFinite(limit)) {
            throw new IllegalArgumentException(
                    Double.isNaN(limit)
                            ? option + " is missing: rule " + key.id() + " needs a finite number"
                            : option + " " + limit + ": must be a finite number");
        }
        return limit;
    }
}
