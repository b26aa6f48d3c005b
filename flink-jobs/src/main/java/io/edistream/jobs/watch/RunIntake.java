package io.edistream.jobs.watch;

import io.edistream.schemas.RejectReason;
import io.edistream.schemas.SequenceId;
import io.edistream.schemas.Spike;
import io.edistream.schemas.Step;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.monitor.MonitorListener;
import io.edistream.signals.monitor.SequenceMonitor;
import io.edistream.signals.rules.Decision;
import io.edistream.signals.rules.Judge;

/**
 * Takes the tokens of runs into the monitors of their sequences. A token with impossible values is left out and so counts
 * as missing; the others are unaffected. Repeated and left-out tokens are rejected once per run, not per token. Used for
 * one run after another.
 */
final class RunIntake implements MonitorListener {

    private final Records records;
    private final Counts counts;
    private final int scoreIntervalTokens;
    private final Session session;

    private Output out;
    private SequenceId id = new SequenceId();
    private SequenceMonitor monitor;
    private long decodedAtMicros;
    private int impossible;
    private int firstImpossible;

    @SuppressWarnings("NullAway.Init")
    RunIntake(Records records, Counts counts, int scoreIntervalTokens, Session session) {
        this.records = records;
        this.counts = counts;
        this.scoreIntervalTokens = scoreIntervalTokens;
        this.session = session;
    }

    /** Takes in a run whose indexes are within bounds. */
    void take(Step step, int run, SequenceState state, SequenceId sequence, Judge judge, Output output) {
        out = output;
        id = sequence;
        monitor = state.monitor();
        decodedAtMicros = step.decodedAtMicros();
        impossible = 0;
        int first = step.firstToken(run);
        int length = step.length(run);
        int repeated = Math.min(length, Math.max(0, monitor.nextToken() - first));
        if (repeated > 0) {
            reject(step, run, repeated);
        }
        int missingBefore = monitor.missing();
        int unmeasuredBefore = monitor.unmeasured();
        int tokensBefore = monitor.tokens();
        if (step.isMeasured()) {
            for (int i = repeated; i < length; i++) {
                take(step, step.place(run) + i, first + i, state, judge);
            }
        } else if (repeated < length) {
            monitor.addUnmeasured(first + repeated, length - repeated, decodedAtMicros);
            if (tokensBefore / scoreIntervalTokens != monitor.tokens() / scoreIntervalTokens) {
                publish(state);
            }
        }
        count(tokensBefore, unmeasuredBefore, missingBefore);
        if (impossible > 0) {
            rejectImpossible(step, run);
        }
    }

    private void count(int tokensBefore, int unmeasuredBefore, int missingBefore) {
        counts.tokens(monitor.tokens() - tokensBefore);
        counts.unmeasured(monitor.unmeasured() - unmeasuredBefore);
        counts.missingTokens(monitor.missing() - missingBefore);
    }

    private void take(Step step, int place, int index, SequenceState state, Judge judge) {
        if (!TokenCheck.isPossible(step, place, monitor.info())) {
            if (impossible++ == 0) {
                firstImpossible = index;
            }
            return;
        }
        monitor.add(index, TokenCheck.token(step, place), decodedAtMicros, judge, this);
        if (monitor.tokens() % scoreIntervalTokens == 0) {
            publish(state);
        }
    }

    private void publish(SequenceState state) {
        // The tokens that a fork shares with its parent were scored there.
        if (monitor.nextToken() > monitor.info().firstJudgedToken()) {
            out.score(records.runningScore(id, state));
            counts.score(false);
        }
    }

    private void reject(Step step, int run, int repeated) {
        counts.repeatedTokens(repeated);
        int first = step.firstToken(run);
        session.reject(
                RejectReason.REPEATED_TOKENS,
                repeated + " of the tokens " + first + " to " + (first + step.length(run) - 1)
                        + " lie at or before token " + (monitor.nextToken() - 1)
                        + ", which was taken already: an index must be above every earlier one; ignored",
                step.sequence(run),
                first);
    }

    private void rejectImpossible(Step step, int run) {
        int place = step.place(run) + firstImpossible - step.firstToken(run);
        String more = impossible > 1 ? ", as were " + (impossible - 1) + " more of its run" : "";
        session.reject(
                RejectReason.BAD_VALUE,
                TokenCheck.problem(step, place, firstImpossible, monitor.info()) + "; it was left out" + more,
                step.sequence(run),
                firstImpossible);
    }

    @Override
    public void onSpike(
            int token, SpikeListener.Kind kind, double entropyNats, double baselineNats, double thresholdNats) {
        Spike spike = records.spike(
                id, monitor.info(), token, kind, entropyNats, baselineNats, thresholdNats, decodedAtMicros);
        counts.spike(spike);
        out.spike(spike);
    }

    @Override
    public void onDecision(Decision decision) {
        var command = records.command(id, monitor.info(), decision, decodedAtMicros);
        counts.command(command);
        out.command(command);
    }
}
