package io.edistream.jobs.sequences;

import io.edistream.jobs.events.Run;
import io.edistream.jobs.sequences.SequenceState.Live;
import io.edistream.schemas.Command;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.monitor.MonitorListener;
import io.edistream.signals.monitor.SequenceMonitor;
import io.edistream.signals.monitor.SequenceMonitor.Verdict;
import io.edistream.signals.rules.Decision;
import java.util.function.Consumer;

/**
 * Takes the tokens of one run into the monitor of their sequence. A token with impossible values is left out and so
 * counts as missing; the others are unaffected. Repeated and left-out tokens are rejected once per run, not per token.
 */
final class RunIntake {

    private final Run run;
    private final Live live;
    private final SequenceMonitor monitor;
    private final Records records;
    private final SequenceMetrics metrics;
    private final int scoreIntervalTokens;
    private final Tally repeated = new Tally();
    private final Tally impossible = new Tally();
    private int passed;

    RunIntake(Run run, Live live, Records records, SequenceMetrics metrics, int scoreIntervalTokens) {
        this.run = run;
        this.live = live;
        this.monitor = live.monitor();
        this.records = records;
        this.metrics = metrics;
        this.scoreIntervalTokens = scoreIntervalTokens;
    }

    void take(
            Consumer<Score> scores, Consumer<Spike> spikes, Consumer<Command> commands, Consumer<Rejected> rejections) {
        MonitorListener listener = new Forwarder(spikes, commands);
        for (int i = 0; i < run.tokens(); i++) {
            if (TokenCheck.isPossible(run, i, live)) {
                take(i, listener, scores);
            } else {
                impossible.count(run.firstToken() + i);
            }
        }
        reject(rejections);
    }

    private void take(int i, MonitorListener listener, Consumer<Score> scores) {
        int index = run.firstToken() + i;
        int missingBefore = monitor.missingTokens();
        Verdict verdict = monitor.add(index, TokenCheck.token(run, i), listener);
        if (verdict == Verdict.REPEATED) {
            passed = monitor.nextToken() - 1;
            repeated.count(index);
            return;
        }
        if (verdict == Verdict.TAKEN_AFTER_GAP) {
            metrics.gap();
            metrics.missing(monitor.missingTokens() - missingBefore);
        }
        metrics.tokenTaken();
        live.decodedAt(run.decodedAtMicros());
        // The tokens that a fork shares with its parent were scored there.
        if (index >= monitor.info().firstJudgedToken() && monitor.signals().tokens() % scoreIntervalTokens == 0) {
            scores.accept(records.runningScore(run.key(), live));
        }
    }

    private void reject(Consumer<Rejected> rejections) {
        if (impossible.count > 0) {
            String problem = TokenCheck.problem(run, impossible.first - run.firstToken(), live);
            String more = impossible.count > 1 ? ", as were " + (impossible.count - 1) + " more of its run" : "";
            rejections.accept(records.rejected(
                    run, RejectReason.BAD_VALUE, problem + "; it was left out" + more, impossible.first));
        }
        if (repeated.count > 0) {
            metrics.repeated(repeated.count);
            rejections.accept(records.rejected(
                    run,
                    RejectReason.REPEATED_TOKENS,
                    repeated.count + " of the tokens " + run.firstToken() + " to "
                            + (run.firstToken() + run.tokens() - 1)
                            + " lie at or before token " + passed + ", which was taken already: an index must be above"
                            + " every earlier one; ignored",
                    repeated.first));
        }
    }

    /** How many tokens, and the first of them. */
    private static final class Tally {
        private int count;
        private int first;

        void count(int index) {
            if (count++ == 0) {
                first = index;
            }
        }
    }

    /** Turns what the monitor tells into records, as it happens. */
    private final class Forwarder implements MonitorListener {
        private final Consumer<Spike> spikes;
        private final Consumer<Command> commands;

        Forwarder(Consumer<Spike> spikes, Consumer<Command> commands) {
            this.spikes = spikes;
            this.commands = commands;
        }

        @Override
        public void onSpike(
                int token, SpikeListener.Kind kind, double entropyNats, double baselineNats, double thresholdNats) {
            Spike spike = records.spike(
                    run.key(),
                    monitor.info(),
                    token,
                    kind,
                    entropyNats,
                    baselineNats,
                    thresholdNats,
                    run.decodedAtMicros());
            metrics.spike(spike.getKind());
            spikes.accept(spike);
        }

        @Override
        public void onDecision(Decision decision, boolean armed) {
            Command command = records.command(run.key(), decision, armed, run.decodedAtMicros());
            metrics.command(command);
            commands.accept(command);
        }
    }
}
