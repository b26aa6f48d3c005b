package io.edistream.signals.rules;

import io.edistream.signals.Catalogue;
import io.edistream.signals.rules.Firings.Firing;
import io.edistream.signals.rules.Rules.Setting;
import io.edistream.signals.rules.Threshold.Side;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks the rules about the sequences of one scoring. Which decisions there are, and at which tokens they are repeated, is
 * a function of the tokens and the rules; whether one acts is asked at that moment, so that arming and disarming holds for
 * sequences that already run, at once.
 *
 * <p>An act that ends a sequence is decided once and repeated {@value #FIRST_REPEAT_TOKENS}, 32, 64, ... tokens later
 * while its condition holds, so that a command that got lost does not let the sequence run on for ever. Others are decided
 * whenever the condition begins to hold, up to {@link Threshold#maxFirings}. A rule in shadow speaks once per sequence.
 *
 * <p>A rule is not asked at all behind its last token, nor of a sequence that its act would leave as it is: one that
 * already runs on the route that it would be sent to.
 *
 * <p>Immutable; one serves all sequences.
 */
public final class Judge {

    /** Decisions and repeats that one sequence may have, all rules together. */
    public static final int MAX_POINTS = 64;

    private static final int FIRST_REPEAT_TOKENS = 16;
    private static final String MEAN = "mean_entropy";
    private static final String GAP = "entropy_gap";

    private final Asked[] asked;
    private final int gap;

    /**
     * @throws IllegalArgumentException if a rule names a signal that is not in the catalogue
     */
    public Judge(Rules rules, Catalogue catalogue) {
        this(rules.settings(), catalogue);
    }

    /**
     * Asks those rules whose signal is in the catalogue, and of the others says nothing: for sequences that were started
     * with another scoring than the rules were made for.
     */
    public static Judge ofKnownSignals(Rules rules, Catalogue catalogue) {
        List<Setting> known = rules.settings().stream()
                .filter(setting -> Asked.isNewest(setting.rule())
                        || catalogue.names().contains(setting.rule().signal()))
                .toList();
        return new Judge(known, catalogue);
    }

    private Judge(List<Setting> settings, Catalogue catalogue) {
        this.asked =
                settings.stream().map(setting -> new Asked(setting, catalogue)).toArray(Asked[]::new);
        this.gap = catalogue.indexOf(GAP);
    }

    /** Whether there is any rule. */
    public boolean asksAnything() {
        return asked.length > 0;
    }

    /**
     * Asks every rule after a token.
     *
     * @param entropyNats entropy of the newest token, NaN if unmeasured; of a bounded kind the lower bound
     * @param upperNats its upper bound, NaN if there is none
     * @param token index of the newest token
     * @param decodedAtMicros when it was decoded, microseconds since 1970-01-01 UTC on the source's clock
     * @param listener told of each decision that is to be sent
     */
    public void judge(
            Judged sequence,
            Firings firings,
            double entropyNats,
            double upperNats,
            int token,
            long decodedAtMicros,
            Consumer<Decision> listener) {
        for (Asked rule : asked) {
            if (!rule.isAskedOf(sequence, token)) {
                continue;
            }
            double value = value(rule, sequence, entropyNats, upperNats);
            if (Double.isNaN(value)) {
                continue;
            }
            boolean holds = rule.above ? value > rule.threshold.limit() : value < rule.threshold.limit();
            @Nullable Firing firing = firings.find(rule.fingerprint);
            if (!holds) {
                if (firing != null) {
                    firing.holds = false;
                }
                continue;
            }
            boolean crossed = firing == null || !firing.holds;
            if (firing == null) {
                if (isFull(firings)) {
                    firings.cut();
                    continue;
                }
                firing = firings.create(rule.fingerprint);
                firing.firstToken = token;
                firing.firstMicros = decodedAtMicros;
                firing.nextToken = token;
            }
            firing.holds = true;
            if (rule.threshold.act().ends()) {
                repeat(rule, sequence, firings, firing, value, token, listener);
            } else if (crossed && firing.crossings < rule.threshold.maxFirings()) {
                begin(rule, sequence, firings, firing, value, token, decodedAtMicros, listener);
            }
        }
    }

    private void begin(
            Asked rule,
            Judged sequence,
            Firings firings,
            Firing firing,
            double value,
            int token,
            long decodedAtMicros,
            Consumer<Decision> listener) {
        if (isFull(firings)) {
            firings.cut();
            return;
        }
        firing.crossings++;
        firings.decided();
        firings.pointReached();
        send(rule, sequence, firing, value, token, decodedAtMicros, token, listener);
    }

    private void repeat(
            Asked rule,
            Judged sequence,
            Firings firings,
            Firing firing,
            double value,
            int token,
            Consumer<Decision> listener) {
        if (token < firing.nextToken) {
            // Armed since it was last said: no need to wait until it would be said again.
            if (!firing.acted && rule.mode == Mode.ARMED && mayAct(rule, sequence)) {
                send(rule, sequence, firing, value, firing.firstToken, firing.firstMicros, token, listener);
            }
            return;
        }
        if (isFull(firings)) {
            firings.cut();
            return;
        }
        if (firing.crossings == 0) {
            firing.crossings = 1;
            firings.decided();
        }
        long distance = FIRST_REPEAT_TOKENS;
        while (distance <= token - firing.firstToken) {
            distance *= 2;
        }
        firing.nextToken = (int) Math.min(Integer.MAX_VALUE, firing.firstToken + distance);
        firings.pointReached();
        send(rule, sequence, firing, value, firing.firstToken, firing.firstMicros, token, listener);
    }

    private void send(
            Asked rule,
            Judged sequence,
            Firing firing,
            double value,
            int decidedAtToken,
            long decodedAtMicros,
            int token,
            Consumer<Decision> listener) {
        boolean armed = rule.mode == Mode.ARMED && mayAct(rule, sequence);
        if (!armed) {
            if (rule.mode == Mode.OFF || firing.spoken) {
                return;
            }
            firing.spoken = true;
        }
        firing.acted |= armed;
        listener.accept(new Decision(
                rule.threshold, decidedAtToken, decodedAtMicros, token, armed, reason(rule, value, sequence, token)));
    }

    private static boolean isFull(Firings firings) {
        return firings.points() >= MAX_POINTS;
    }

    private boolean mayAct(Asked rule, Judged sequence) {
        return rule.threshold.scope().covers(sequence.model(), sequence.route(), sequence.entropyKind())
                && sequence.unmeasuredShare() <= rule.threshold.maxUnmeasuredShare()
                && gapIsNarrow(rule, sequence);
    }

    /** A rule that compares both bounds needs no narrow gap: it only fires where the gap does not matter. */
    private boolean gapIsNarrow(Asked rule, Judged sequence) {
        if (sequence.entropyKind().exact() || rule.comparesBounds() || Double.isNaN(rule.threshold.maxGapNats())) {
            return true;
        }
        // The mean is over the tokens that have an upper bound: the gap of the others may be of any width.
        return sequence.gapIsKnown() && sequence.signals().score(gap) <= rule.threshold.maxGapNats();
    }

    /**
     * What is held against the limit. Above a limit the lower bound counts and below it the upper one, where bounds of the
     * signal are known: then the rule fires only if the true value is on that side for certain. NaN if they are not. All
     * other signals are computed over the lower bounds.
     */
    private double value(Asked rule, Judged sequence, double entropyNats, double upperNats) {
        boolean upper = !rule.above && !sequence.entropyKind().exact() && !Double.isNaN(rule.threshold.maxGapNats());
        if (rule.signal == Asked.NEWEST) {
            return upper ? upperNats : entropyNats;
        }
        double score = sequence.signals().score(rule.signal);
        if (!upper || !rule.isMean) {
            return score;
        }
        return sequence.gapIsKnown() ? score + sequence.signals().score(gap) : Double.NaN;
    }

    private static String reason(Asked rule, double value, Judged sequence, int token) {
        Threshold threshold = rule.threshold;
        return String.format(
                Locale.ROOT,
                "%s %.4g %s %.4g %s",
                threshold.signal(),
                value,
                threshold.side() == Side.ABOVE ? "above" : "below",
                threshold.limit(),
                rule.signal == Asked.NEWEST
                        ? "nats at token " + token
                        : "after " + sequence.signals().measured() + " tokens");
    }

    /** A rule whose names have been looked up. */
    private static final class Asked {
        private static final int NEWEST = -1;

        private final Threshold threshold;
        private final Mode mode;
        private final long fingerprint;
        private final int signal;
        private final boolean above;
        private final boolean isMean;

        Asked(Setting setting, Catalogue catalogue) {
            this.threshold = setting.rule();
            this.mode = setting.mode();
            this.fingerprint = threshold.key().fingerprint();
            this.signal = isNewest(threshold) ? NEWEST : catalogue.indexOf(threshold.signal());
            this.above = threshold.side() == Side.ABOVE;
            this.isMean = threshold.signal().equals(MEAN);
        }

        static boolean isNewest(Threshold threshold) {
            return threshold.signal().equals(Threshold.NEWEST_ENTROPY);
        }

        private boolean isAskedOf(Judged sequence, int token) {
            return token <= threshold.maxToken()
                    && sequence.signals().measured() >= threshold.minTokens()
                    && threshold.act().concerns(sequence.route());
        }

        private boolean comparesBounds() {
            return isMean || signal == NEWEST;
        }
    }
}
