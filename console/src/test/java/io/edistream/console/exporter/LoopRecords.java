package io.edistream.console.exporter;

import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.Mode;
import io.edistream.schemas.OutcomeKind;
import io.edistream.schemas.RuleInForce;
import io.edistream.schemas.Score;
import io.edistream.schemas.ScoringId;
import io.edistream.schemas.Signals;
import io.edistream.schemas.Spike;
import io.edistream.schemas.SpikeKind;
import java.util.List;

/** Records of the loop, whole enough to be written; all of generator 1, model m and route r, if nothing else is said. */
final class LoopRecords {

    private LoopRecords() {}

    static Score.Builder running(long sequence) {
        return Score.newBuilder()
                .setSequence(Ids.sequenceId(1, sequence))
                .setGroup(sequence)
                .setModel("m")
                .setRoute("r")
                .setEntropyKind(new EntropyKind(Distribution.RAW, Measurement.EXACT, 0))
                .setScoring(new ScoringId(new byte[8]))
                .setLastToken(15)
                .setTokens(16)
                .setSignals(new Signals());
    }

    static Score.Builder ended(long sequence, FinishReason reason, double edis, double windowedEntropy, int tokens) {
        Signals signals = new Signals();
        signals.setEdis(edis);
        signals.setLargestWindowedEntropy(windowedEntropy);
        return running(sequence)
                .setTokens(tokens)
                .setFinal$(true)
                .setFinishReason(reason)
                .setSignals(signals);
    }

    static Spike burst(long sequence) {
        return Spike.newBuilder()
                .setSequence(Ids.sequenceId(1, sequence))
                .setModel("m")
                .setRoute("r")
                .setKind(SpikeKind.BURST)
                .setToken(9)
                .setEntropy(2)
                .setBaseline(0.5)
                .setThreshold(1)
                .build();
    }

    static Command.Builder command(Action action, CommandMode mode, String rule) {
        return Command.newBuilder()
                .setCommandId(new CommandId(new byte[Ids.COMMAND_BYTES]))
                .setSequence(Ids.sequenceId(1, 1))
                .setAction(action)
                .setMode(mode)
                .setRule(rule)
                .setRevision(1)
                .setModel("m")
                .setRoute("r")
                .setDecidedAtToken(4)
                .setDecodedAtMicros(1)
                .setSentAtToken(4)
                .setSentTokenAtMicros(1)
                .setReason("edis above 3");
    }

    /** An ABORT of sequence 1 that was decided at token 4. */
    static CommandOutcome.Builder outcome(OutcomeKind kind) {
        return CommandOutcome.newBuilder()
                .setCommandId(new CommandId(new byte[Ids.COMMAND_BYTES]))
                .setSequence(Ids.sequenceId(1, 1))
                .setAction(Action.ABORT)
                .setMode(CommandMode.ARMED)
                .setRule("rule")
                .setRevision(1)
                .setModel("m")
                .setRoute("r")
                .setKind(kind)
                .setDecidedAtToken(4);
    }

    static Heartbeat.Builder heartbeat(String job, RuleInForce... rules) {
        return Heartbeat.newBuilder()
                .setJobId("id")
                .setJobName(job)
                .setTask(0)
                .setTasks(1)
                .setSentAtMicros(1)
                .setScoring(new ScoringId(new byte[8]))
                .setModes(List.of(rules));
    }

    static RuleInForce rule(String rule, int revision, Mode mode) {
        return new RuleInForce(rule, revision, mode);
    }
}
