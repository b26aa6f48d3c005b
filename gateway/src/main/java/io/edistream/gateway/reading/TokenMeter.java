package io.edistream.gateway.reading;

import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.reading.LogprobLists.Tokens;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.Phase;
import io.edistream.sequences.TokenStats;
import io.edistream.sequences.UnmeasuredReason;
import io.edistream.signals.Token;
import io.edistream.signals.TopLogprobs;
import java.util.Arrays;

/** Makes measurements of lists. Used by one thread. */
final class TokenMeter {

    private static final float NAN = Float.NaN;

    private final ReadingOptions options;
    private final LogprobLists lists;
    private double[] logprobs = new double[32];

    /** A hash set of keys; 0 is a free slot. */
    private long[] seen = new long[64];

    /** Slots of it that are in use, a power of two. */
    private int slots;

    TokenMeter(ReadingOptions options, LogprobLists lists) {
        this.options = options;
        this.lists = lists;
    }

    /**
     * Measures a drawn token.
     *
     * @param entry its place among the drawn tokens
     * @param id its id as it is known from elsewhere; -1 if it is not
     * @param repeated whether its list is that of another token
     */
    DecodedToken measure(int entry, int id, boolean repeated, Phase phase) {
        int known = id >= 0 ? id : lists.drawn().id(entry);
        double sent = lists.drawn().logprob(entry);
        double own = sent <= Token.ROUNDING ? Token.logprob(sent) : Token.UNMEASURED;
        if (lists.from(entry) == lists.to(entry)) {
            return withoutList(known, own, phase);
        }
        if (repeated) {
            return logprobAlone(known, own, UnmeasuredReason.REPEATED, phase);
        }
        int count = distinct(entry);
        int drawnAt = drawnAt(entry, count);
        TopLogprobs bounds = TopLogprobs.of(logprobs, count, drawnAt, sent, options.listing(), options.vocabulary());
        if (bounds.flaw() != null) {
            return refused(bounds.flaw(), known, own, phase);
        }
        UnmeasuredReason reason = Double.isNaN(own)
                ? UnmeasuredReason.SENTINEL
                : Double.isNaN(bounds.confidence()) ? UnmeasuredReason.NOT_OFFERED : null;
        TokenStats stats = new TokenStats(
                known,
                (float) bounds.lowerNats(),
                (float) own,
                (float) bounds.confidence(),
                NAN,
                NAN,
                bounds.rank(),
                (float) bounds.upperNats(),
                (float) bounds.restMass());
        return new DecodedToken(stats, 0, reason, false, phase);
    }

    /** No list is not certainty: llama-server sends a log-probability of 0 for each draft token that it accepts. */
    private DecodedToken withoutList(int id, double own, Phase phase) {
        if (Double.isNaN(own)) {
            return DecodedToken.unmeasured(id, UnmeasuredReason.SENTINEL, phase);
        }
        UnmeasuredReason reason =
                options.kind() == UpstreamKind.LLAMACPP ? UnmeasuredReason.SPECULATED : UnmeasuredReason.NOT_OFFERED;
        return logprobAlone(id, own == 0 ? Token.UNMEASURED : own, reason, phase);
    }

    private static DecodedToken refused(TopLogprobs.Flaw flaw, int id, double own, Phase phase) {
        return switch (flaw) {
            case EMPTY -> logprobAlone(id, own, UnmeasuredReason.SENTINEL, phase);
            // Of these lists something else than the drawn token's own value is wrong.
            case BEYOND_VOCABULARY, NOT_LISTED -> logprobAlone(id, own, UnmeasuredReason.LOST, phase);
            case ABOVE_ZERO, ABOVE_ONE, TWO_VALUES -> DecodedToken.unmeasured(id, UnmeasuredReason.LOST, phase);
        };
    }

    private static DecodedToken logprobAlone(int id, double own, UnmeasuredReason reason, Phase phase) {
        TokenStats stats = new TokenStats(id, NAN, (float) own, NAN, NAN, NAN, -1);
        return new DecodedToken(stats, 0, reason, false, phase);
    }

    /** Copies the log-probabilities of the tokens beside an entry, each token once; says how many there are. */
    private int distinct(int entry) {
        int from = lists.from(entry);
        int size = lists.to(entry) - from;
        if (size > logprobs.length) {
            logprobs = new double[2 * size];
        }
        slots = Integer.highestOneBit(size) * 4;
        if (slots > seen.length) {
            seen = new long[slots];
        }
        Arrays.fill(seen, 0, slots, 0);
        Tokens listed = lists.listed();
        int count = 0;
        for (int token = from; token < from + size; token++) {
            if (isNew(listed.key(token))) {
                logprobs[count++] = listed.logprob(token);
            }
        }
        return count;
    }

    private boolean isNew(long key) {
        long sought = key == 0 ? 1 : key;
        int mask = slots - 1;
        for (int slot = (int) (sought >>> 32) & mask; ; slot = (slot + 1) & mask) {
            if (seen[slot] == 0) {
                seen[slot] = sought;
                return true;
            }
            if (seen[slot] == sought) {
                return false;
            }
        }
    }

    /** Place of the drawn token among the distinct ones; -1 if it is not listed. */
    private int drawnAt(int entry, int count) {
        Tokens drawn = lists.drawn();
        Tokens listed = lists.listed();
        int byText = -1;
        int from = lists.from(entry);
        for (int token = from; token < lists.to(entry); token++) {
            if (!drawn.isSame(entry, listed, token)) {
                continue;
            }
            boolean byId = drawn.id(entry) >= 0 && listed.id(token) >= 0;
            if (byId || Math.abs(drawn.logprob(entry) - listed.logprob(token)) <= TopLogprobs.SAME) {
                return place(listed.logprob(token), count);
            }
            // Several tokens may have no text, or a broken one: then only the value tells.
            if (!listed.isVague(token)) {
                byText = token;
            }
        }
        return byText < 0 ? -1 : place(listed.logprob(byText), count);
    }

    /** Of equal values any place does. */
    private int place(double logprob, int count) {
        for (int i = 0; i < count; i++) {
            if (Double.compare(logprobs[i], logprob) == 0) {
                return i;
            }
        }
        throw new IllegalStateException("a listed token is not among the distinct ones");
    }

    /**
     * What tells the list beside an entry from others; 0 if it says too little to be told: a token that is certain has the
     * same list wherever it stands.
     */
    long signature(int entry) {
        Tokens listed = lists.listed();
        long signature = 1;
        int probable = 0;
        for (int token = lists.from(entry); token < lists.to(entry); token++) {
            signature = Tokens.mix(
                    Tokens.mix(signature, listed.key(token)), Double.doubleToLongBits(listed.logprob(token)));
            probable += listed.logprob(token) > Token.SENTINEL_LOGPROB ? 1 : 0;
        }
        return probable < 2 ? 0 : signature;
    }

    /** Why a token that can be seen has no list. */
    UnmeasuredReason withoutEntry() {
        return options.kind() == UpstreamKind.LLAMACPP && options.alternatives() > 0
                ? UnmeasuredReason.SPECULATED
                : UnmeasuredReason.NOT_OFFERED;
    }
}
