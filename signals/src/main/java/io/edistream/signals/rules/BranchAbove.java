package io.edistream.signals.rules;

import io.edistream.signals.Catalogue;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Forks a sequence at a token whose entropy exceeds a limit, so that the other likely tokens are followed too
 * (Entropy-Tree; its cap on leaves is kept by the generator, which knows the whole prompt group).
 *
 * @param header id, version, whether armed and for which models
 * @param limitNats entropy that must be exceeded, nats
 * @param width children to start each time, 1 to {@value #MAX_WIDTH}
 * @param maxLeaves sequences that the prompt group may have started in all, at least 1
 * @param maxFirings how often one sequence may be forked, at least 1
 */
public record BranchAbove(RuleHeader header, double limitNats, int width, int maxLeaves, int maxFirings)
        implements Rule {

    /** The largest number of children of one command. */
    public static final int MAX_WIDTH = 16;

    /**
     * @throws IllegalArgumentException if a bound is violated
     */
    public BranchAbove {
        if (!(limitNats >= 0) || Double.isInfinite(limitNats)) {
            throw new IllegalArgumentException(
                    "entropy limit " + limitNats + " of rule " + header.id() + ": must be finite and at least 0 nats");
        }
        if (width < 1 || width > MAX_WIDTH) {
            throw new IllegalArgumentException(
                    "width " + width + " of rule " + header.id() + ": must be 1 to " + MAX_WIDTH);
        }
        if (maxLeaves < 1) {
            throw new IllegalArgumentException(
                    "leaves " + maxLeaves + " of rule " + header.id() + ": must be at least 1");
        }
        if (maxFirings < 1) {
            throw new IllegalArgumentException(
                    "firings " + maxFirings + " of rule " + header.id() + ": must be at least 1");
        }
    }

    /** None: the entropy of a token is there whatever the catalogue. */
    @Override
    public Set<String> signals() {
        return Set.of();
    }

    @Override
    public Trigger trigger(Catalogue catalogue) {
        return (signals, newestEntropyNats, token) -> decide(newestEntropyNats, token);
    }

    private Optional<Decision> decide(double newestEntropyNats, int token) {
        if (!(newestEntropyNats > limitNats)) {
            return Optional.empty();
        }
        String reason = String.format(
                Locale.ROOT, "entropy %.4g above %.4g nats at token %d", newestEntropyNats, limitNats, token);
        return Optional.of(new Decision(header, token, new Decision.Branch(token, width, maxLeaves), reason));
    }
}
