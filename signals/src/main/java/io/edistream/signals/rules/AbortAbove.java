package io.edistream.signals.rules;

import io.edistream.signals.Catalogue;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Aborts a sequence once a running signal exceeds a limit. The papers score finished sequences; a limit on a running
 * score must be calibrated on the model that it is used with.
 *
 * @param header id, version, whether armed and for which models
 * @param signal name of the signal in the catalogue, for instance {@code edis}
 * @param limit value that must be exceeded, in the signal's unit
 * @param minTokens tokens before which the rule does not fire, at least 0
 */
public record AbortAbove(RuleHeader header, String signal, double limit, int minTokens) implements Rule {

    /**
     * @throws IllegalArgumentException if a bound is violated
     */
    public AbortAbove {
        if (!Double.isFinite(limit)) {
            throw new IllegalArgumentException(
                    "limit " + limit + " of rule " + header.id() + ": must be a finite number");
        }
        if (minTokens < 0) {
            throw new IllegalArgumentException(
                    "minimum tokens " + minTokens + " of rule " + header.id() + ": must be at least 0");
        }
    }

    @Override
    public int maxFirings() {
        return 1;
    }

    @Override
    public Set<String> signals() {
        return Set.of(signal);
    }

    @Override
    public Trigger trigger(Catalogue catalogue) {
        int index = catalogue.indexOf(signal);
        return (signals, newestEntropyNats, token) ->
                signals.tokens() < minTokens ? Optional.empty() : decide(signals.score(index), signals.tokens(), token);
    }

    private Optional<Decision> decide(double score, int tokens, int token) {
        if (!(score > limit)) {
            return Optional.empty();
        }
        String reason = String.format(Locale.ROOT, "%s %.4g above %.4g after %d tokens", signal, score, limit, tokens);
        return Optional.of(new Decision(header, token, new Decision.Abort(true), reason));
    }
}
