package io.edistream.signals.monitor;

import io.edistream.signals.Catalogue;
import io.edistream.signals.EntropyKind;
import io.edistream.signals.SequenceSignals;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import io.edistream.signals.Token;
import io.edistream.signals.rules.Firings;
import io.edistream.signals.rules.Judge;
import io.edistream.signals.rules.Judged;
import java.io.IOException;

/**
 * Watches one sequence: keeps its tokens in order, its signals up to date, and lets a judge ask the rules. Deterministic:
 * the same tokens in the same order lead to the same scores, spikes and decisions. Mutable and used by one thread.
 */
public final class SequenceMonitor implements Judged {

    /** Spikes of one sequence that are told of. */
    public static final int MAX_SPIKES = 256;

    private final SequenceInfo info;
    private final SequenceSignals signals;
    private final Firings firings;
    private int nextToken;
    private int missing;
    private int spikes;
    private boolean gapIsKnown = true;
    private long lastDecodedAtMicros;

    /**
     * Starts watching a sequence with the signals of a catalogue.
     *
     * @param trackedClass which of the sequence's token classes the catalogue tracks, {@link Catalogue#NO_CLASS} if none
     */
    public SequenceMonitor(Catalogue catalogue, SequenceInfo info, int trackedClass) {
        this(info, new Firings(), catalogue.start(trackedClass));
    }

    private SequenceMonitor(SequenceInfo info, Firings firings, SequenceSignals signals) {
        this.info = info;
        this.firings = firings;
        this.signals = signals;
    }

    /**
     * Takes in a token. One that lies before {@link #nextToken} was taken before and must not be given again; one behind
     * it leaves a gap, whose tokens are missing.
     *
     * @param index its index among the sequence's tokens, at least {@link #nextToken}
     * @param decodedAtMicros when it was decoded, microseconds since 1970-01-01 UTC on the source's clock
     * @throws IllegalArgumentException if the token was taken before
     */
    public void add(int index, Token token, long decodedAtMicros, Judge judge, MonitorListener listener) {
        advance(index, 1, decodedAtMicros);
        if (token.hasEntropy() && !token.hasUpper()) {
            gapIsKnown = false;
        }
        if (index < info.firstJudgedToken()) {
            signals.add(token, SpikeListener.NONE);
            return;
        }
        signals.add(token, (kind, entropy, baseline, threshold) -> {
            if (spikes++ < MAX_SPIKES) {
                listener.onSpike(index, kind, entropy, baseline, threshold);
            }
        });
        // No rule speaks at a token that says nothing, so that it does not matter in which way it came.
        if (judge.asksAnything() && saysSomething(token)) {
            judge.judge(
                    this,
                    firings,
                    token.entropyNats(),
                    token.upperNats(),
                    index,
                    decodedAtMicros,
                    listener::onDecision);
        }
    }

    private static boolean saysSomething(Token token) {
        return token.hasEntropy() || token.hasLogprob() || token.hasConfidence();
    }

    /**
     * Takes in tokens of which nothing at all was measured: they count, and change no signal.
     *
     * @param index index of the first, at least {@link #nextToken}
     * @param count how many, at least 1
     * @param decodedAtMicros when they were decoded, microseconds since 1970-01-01 UTC on the source's clock
     * @throws IllegalArgumentException if the first was taken before
     */
    public void addUnmeasured(int index, int count, long decodedAtMicros) {
        advance(index, count, decodedAtMicros);
    }

    private void advance(int index, int count, long decodedAtMicros) {
        if (index < nextToken) {
            throw new IllegalArgumentException(
                    "token index " + index + ": must be at least " + nextToken + ", earlier ones were taken");
        }
        missing += index - nextToken;
        nextToken = index + count;
        lastDecodedAtMicros = decodedAtMicros;
    }

    /** What was known at the start. */
    public SequenceInfo info() {
        return info;
    }

    @Override
    public String model() {
        return info.model();
    }

    @Override
    public String route() {
        return info.route();
    }

    @Override
    public EntropyKind entropyKind() {
        return info.entropyKind();
    }

    @Override
    public SequenceSignals signals() {
        return signals;
    }

    @Override
    public boolean gapIsKnown() {
        return gapIsKnown;
    }

    @Override
    public double unmeasuredShare() {
        // Not 1 minus the measured share, which may be rounded to above a bound that is just reached.
        return nextToken == 0 ? 0 : (double) (nextToken - signals.measured()) / nextToken;
    }

    /** Index that the next token should have. */
    public int nextToken() {
        return nextToken;
    }

    /** Tokens that were skipped, all gaps together. */
    public int missing() {
        return missing;
    }

    /** Tokens that were taken in. */
    public int tokens() {
        return nextToken - missing;
    }

    /** Of these, tokens without an entropy. */
    public int unmeasured() {
        return tokens() - signals.measured();
    }

    /** Decisions so far, whatever their mode; repeats are not counted. */
    public int decisions() {
        return firings.decisions();
    }

    /** Whether it had more spikes than are told of. */
    public boolean spikesAreCut() {
        return spikes > MAX_SPIKES;
    }

    /** Whether it had more decisions than are told of. */
    public boolean decisionsAreCut() {
        return firings.isCut();
    }

    /** When the last token was decoded, microseconds since 1970-01-01 UTC on the source's clock; 0 before the first. */
    public long lastDecodedAtMicros() {
        return lastDecodedAtMicros;
    }

    /** Writes everything but catalogue and info, which the reader supplies. */
    public void write(StateOutput out) throws IOException {
        out.writeCount(nextToken);
        out.writeCount(missing);
        out.writeCount(gapIsKnown ? 0 : 1);
        out.writeCount(spikes);
        out.writeLong(lastDecodedAtMicros);
        firings.write(out);
        signals.write(out);
    }

    /** Reads what {@link #write} wrote, with the same catalogue and info. */
    public static SequenceMonitor read(Catalogue catalogue, SequenceInfo info, StateInput in) throws IOException {
        int nextToken = in.readCount();
        int missing = in.readCount();
        boolean gapIsKnown = in.readCount() == 0;
        int spikes = in.readCount();
        long lastDecodedAtMicros = in.readLong();
        Firings firings = Firings.read(in);
        SequenceMonitor monitor = new SequenceMonitor(info, firings, catalogue.restore(in));
        monitor.nextToken = nextToken;
        monitor.missing = missing;
        monitor.gapIsKnown = gapIsKnown;
        monitor.spikes = spikes;
        monitor.lastDecodedAtMicros = lastDecodedAtMicros;
        return monitor;
    }
}
