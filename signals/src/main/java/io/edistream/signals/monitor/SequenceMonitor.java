package io.edistream.signals.monitor;

import io.edistream.signals.Catalogue;
import io.edistream.signals.SequenceSignals;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import io.edistream.signals.Token;
import io.edistream.signals.rules.Rule;
import java.io.IOException;

/**
 * Watches one sequence: keeps its tokens in order, its signals up to date, and asks its rules. Deterministic: the same
 * tokens in the same order lead to the same scores, spikes and decisions. Mutable and used by one thread.
 */
public final class SequenceMonitor {

    /** What became of a token. */
    public enum Verdict {
        /** It was the next one. */
        TAKEN,
        /** It was taken, and tokens before it are missing. */
        TAKEN_AFTER_GAP,
        /** It had been taken before, and was ignored. */
        REPEATED
    }

    private final Policy policy;
    private final SequenceInfo info;
    private SequenceSignals signals;
    private final int[] firings;
    private int nextToken;
    private int missingTokens;
    private int decisions;

    /**
     * Starts watching a sequence under a policy.
     *
     * @param trackedClass index of the policy's tracked class in this sequence, {@link Catalogue#NO_CLASS} for none
     */
    public SequenceMonitor(Policy policy, SequenceInfo info, int trackedClass) {
        this.policy = policy;
        this.info = info;
        this.signals = policy.catalogue().start(trackedClass);
        this.firings = new int[policy.rules().size()];
    }

    /**
     * Takes in a token.
     *
     * @param index its index among the sequence's tokens, from 0
     * @throws IllegalArgumentException if the index is negative
     */
    public Verdict add(int index, Token token, MonitorListener listener) {
        if (index < 0) {
            throw new IllegalArgumentException("token index " + index + ": must be at least 0");
        }
        if (index < nextToken) {
            return Verdict.REPEATED;
        }
        int gap = index - nextToken;
        missingTokens += gap;
        nextToken = index + 1;
        if (index < info.firstJudgedToken()) {
            signals.add(token, SpikeListener.NONE);
        } else {
            signals.add(
                    token,
                    (kind, entropy, baseline, threshold) ->
                            listener.onSpike(index, kind, entropy, baseline, threshold));
            askRules(index, token, listener);
        }
        return gap > 0 ? Verdict.TAKEN_AFTER_GAP : Verdict.TAKEN;
    }

    private void askRules(int index, Token token, MonitorListener listener) {
        for (int i = 0; i < firings.length; i++) {
            Rule rule = policy.rules().get(i);
            if (firings[i] < rule.maxFirings()) {
                int asked = i;
                policy.triggers()
                        .get(i)
                        .decide(signals, token.entropyNats(), index)
                        .ifPresent(decision -> {
                            firings[asked]++;
                            decisions++;
                            listener.onDecision(decision, rule.header().armedFor(info.model()));
                        });
            }
        }
    }

    /** The policy that the sequence was started with. */
    public Policy policy() {
        return policy;
    }

    /** What was known at the start. */
    public SequenceInfo info() {
        return info;
    }

    /** The signals over the tokens taken in. */
    public SequenceSignals signals() {
        return signals;
    }

    /** Index that the next token should have. */
    public int nextToken() {
        return nextToken;
    }

    /** Tokens that were skipped, all gaps together. */
    public int missingTokens() {
        return missingTokens;
    }

    /** Decisions of all rules so far. */
    public int decisions() {
        return decisions;
    }

    /** Writes everything but policy and info, which the reader supplies. */
    public void write(StateOutput out) throws IOException {
        out.writeCount(nextToken);
        out.writeCount(missingTokens);
        out.writeCount(decisions);
        for (int count : firings) {
            out.writeCount(count);
        }
        signals.write(out);
    }

    /** Reads what {@link #write} wrote into a monitor that was just made with the same policy and info. */
    public void read(StateInput in) throws IOException {
        nextToken = in.readCount();
        missingTokens = in.readCount();
        decisions = in.readCount();
        for (int i = 0; i < firings.length; i++) {
            firings[i] = in.readCount();
        }
        signals = policy.catalogue().restore(in);
    }
}
