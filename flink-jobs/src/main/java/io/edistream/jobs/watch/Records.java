package io.edistream.jobs.watch;

import io.edistream.schemas.Action;
import io.edistream.schemas.Bound;
import io.edistream.schemas.ClassSignals;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Sampling;
import io.edistream.schemas.Score;
import io.edistream.schemas.ScoringId;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceId;
import io.edistream.schemas.Spike;
import io.edistream.schemas.SpikeKind;
import io.edistream.signals.Catalogue;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.Act.Abort;
import io.edistream.signals.rules.Act.Branch;
import io.edistream.signals.rules.Act.Conclude;
import io.edistream.signals.rules.Act.Prune;
import io.edistream.signals.rules.Act.Reroute;
import io.edistream.signals.rules.Act.SetSampling;
import io.edistream.signals.rules.Act.Start;
import io.edistream.signals.rules.Decision;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Builds the records that leave the job. A function of events and states: no clock, no counter of its own. */
public final class Records {

    /** The longest sentence in a rejection. */
    static final int MAX_DETAIL_CHARACTERS = 1000;

    /** As much of a record that could not be read as a rejection carries. */
    static final int MAX_PAYLOAD_BYTES = 256;

    private final String sourceTopic;

    /**
     * @param sourceTopic topic that the events come from, for rejections
     */
    public Records(String sourceTopic) {
        this.sourceTopic = sourceTopic;
    }

    Score runningScore(SequenceId sequence, SequenceState state) {
        return score(sequence, state);
    }

    /**
     * The last score of a sequence whose source said that it ended.
     *
     * @param missingAtEnd tokens behind the last one that arrived
     */
    Score finalScore(SequenceId sequence, SequenceState state, SequenceFinish finish, int missingAtEnd) {
        Score score = score(sequence, state);
        score.setFinal$(true);
        score.setFinishReason(finish.getReason());
        score.setMissing(score.getMissing() + missingAtEnd);
        score.setThinkingOpen(finish.getThinkingOpen());
        score.setAnswerClass(finish.getAnswerClass());
        score.setLabel(finish.getLabel());
        return score;
    }

    /** The last score of a sequence that nothing was heard of for too long. */
    Score abandonedScore(SequenceId sequence, SequenceState state, boolean byClock) {
        Score score = score(sequence, state);
        score.setFinal$(true);
        score.setFinishReason(FinishReason.ABANDONED);
        score.setClosedByClock(byClock);
        return score;
    }

    private static Score score(SequenceId sequence, SequenceState state) {
        SequenceMonitor monitor = state.monitor();
        SequenceInfo info = monitor.info();
        Score score = new Score();
        score.setSequence(sequence);
        score.setGroup(info.group());
        score.setModel(info.model());
        score.setRoute(info.route());
        score.setRequest(info.request().isEmpty() ? null : info.request());
        score.setEntropyKind(Kinds.record(info.entropyKind()));
        score.setScoring(scoringId(state.catalogue()));
        score.setLastToken(monitor.nextToken() - 1);
        score.setTokens(monitor.tokens());
        score.setUnmeasured(monitor.unmeasured());
        score.setMissing(monitor.missing());
        score.setFinishReason(FinishReason.UNKNOWN);
        score.setDecodedAtMicros(monitor.lastDecodedAtMicros());
        score.setDecisions(monitor.decisions());
        score.setCutBy(cutBy(monitor));
        score.setSignals(SignalRecords.ofAll(monitor.signals()));
        score.setClassSignals(
                monitor.signals().hasClass()
                        ? List.of(new ClassSignals(
                                state.catalogue().scoring().trackedClass(), SignalRecords.ofClass(monitor.signals())))
                        : List.of());
        return score;
    }

    private static List<Bound> cutBy(SequenceMonitor monitor) {
        if (!monitor.spikesAreCut() && !monitor.decisionsAreCut()) {
            return List.of();
        }
        List<Bound> bounds = new ArrayList<>();
        if (monitor.spikesAreCut()) {
            bounds.add(Bound.SPIKES);
        }
        if (monitor.decisionsAreCut()) {
            bounds.add(Bound.COMMANDS);
        }
        return bounds;
    }

    /** The id of a catalogue's scoring as the contract writes it. */
    static ScoringId scoringId(Catalogue catalogue) {
        return new ScoringId(
                ByteBuffer.allocate(Long.BYTES).putLong(catalogue.scoringId()).array());
    }

    Spike spike(
            SequenceId sequence,
            SequenceInfo info,
            int token,
            SpikeListener.Kind kind,
            double entropyNats,
            double baselineNats,
            double thresholdNats,
            long decodedAtMicros) {
        Spike spike = new Spike();
        spike.setSequence(sequence);
        spike.setModel(info.model());
        spike.setRoute(info.route());
        spike.setRequest(info.request().isEmpty() ? null : info.request());
        spike.setKind(
                switch (kind) {
                    case BURST -> SpikeKind.BURST;
                    case REBOUND -> SpikeKind.REBOUND;
                });
        spike.setToken(token);
        spike.setEntropy(entropyNats);
        spike.setBaseline(baselineNats);
        spike.setThreshold(thresholdNats);
        spike.setDecodedAtMicros(decodedAtMicros);
        return spike;
    }

    Command command(SequenceId sequence, SequenceInfo info, Decision decision, long decodedAtMicros) {
        Command command = new Command();
        command.setSequence(sequence);
        command.setMode(decision.armed() ? CommandMode.ARMED : CommandMode.SHADOW);
        command.setRule(decision.rule().key().id());
        command.setRevision(decision.rule().key().revision());
        command.setModel(info.model());
        command.setRoute(info.route());
        command.setRequest(info.request().isEmpty() ? null : info.request());
        command.setDecidedAtToken(decision.decidedAtToken());
        command.setDecodedAtMicros(decision.decodedAtMicros());
        command.setSentAtToken(decision.atToken());
        command.setSentTokenAtMicros(decodedAtMicros);
        command.setReason(decision.reason());
        command.setSpareLast(true);
        command.setForcedIds(List.of());
        command.setParameters(Map.of());
        setAct(command, decision.rule().act(), decision.decidedAtToken());
        command.setCommandId(CommandIds.of(
                sequence,
                decision.rule().key().id(),
                decision.rule().key().revision(),
                decision.decidedAtToken(),
                command.getAction()));
        return command;
    }

    /** Java 17 has no switch over types; the last line takes the place of its check for completeness. */
    private static void setAct(Command command, Act act, int decidedAtToken) {
        if (act instanceof Abort abort) {
            command.setAction(Action.ABORT);
            command.setSpareLast(abort.spareLast());
        } else if (act instanceof Prune) {
            command.setAction(Action.PRUNE);
        } else if (act instanceof Conclude conclude) {
            command.setAction(Action.CONCLUDE);
            command.setForcedText(conclude.forcedText().isEmpty() ? null : conclude.forcedText());
        } else if (act instanceof Reroute reroute) {
            command.setAction(Action.REROUTE);
            command.setTargetRoute(reroute.route());
            command.setFromPrompt(reroute.fromPrompt());
        } else if (act instanceof Branch branch) {
            command.setAction(Action.BRANCH);
            command.setBranchAtToken(decidedAtToken);
            command.setBranchWidth(branch.width());
            command.setMaxLeaves(branch.maxLeaves());
        } else if (act instanceof Start start) {
            command.setAction(Action.START);
            command.setSamples(start.samples());
        } else if (act instanceof SetSampling change) {
            command.setAction(Action.SET_SAMPLING);
            command.setSampling(sampling(change.changes()));
        } else {
            throw new IllegalStateException("no action for " + act);
        }
    }

    private static Sampling sampling(Map<String, Double> changes) {
        // Sorted, since a map of unknown order would be written in another order by another JVM.
        Map<String, Double> further = new TreeMap<>(changes);
        Sampling sampling = new Sampling();
        sampling.setTemperature(toFloat(further.remove("temperature")));
        Double topK = further.remove("top_k");
        sampling.setTopK(topK == null ? null : topK.intValue());
        sampling.setTopP(toFloat(further.remove("top_p")));
        sampling.setMinP(toFloat(further.remove("min_p")));
        sampling.setFurther(further);
        return sampling;
    }

    private static @Nullable Float toFloat(@Nullable Double value) {
        return value == null ? null : value.floatValue();
    }

    /** A rejection of something that concerns one sequence. */
    Rejected rejected(
            Origin origin, RejectReason reason, String detail, long generator, long counter, @Nullable Integer token) {
        Rejected rejected = rejected(origin, reason, detail, generator);
        rejected.setSequence(Ids.sequenceId(generator, counter));
        rejected.setToken(token);
        return rejected;
    }

    /** A rejection of something that concerns a whole record of a source. */
    Rejected rejected(Origin origin, RejectReason reason, String detail, long generator) {
        Rejected rejected = located(origin, reason, detail);
        rejected.setGenerator(Ids.generatorId(generator));
        return rejected;
    }

    /** A rejection of a record that could not be read. */
    public Rejected unreadable(Origin origin, RejectReason reason, String detail, byte[] record) {
        Rejected rejected = located(origin, reason, detail);
        // A copy: the last one of each budget is kept for a minute, and must not keep a whole record.
        rejected.setPayload(ByteBuffer.wrap(Arrays.copyOf(record, Math.min(record.length, MAX_PAYLOAD_BYTES))));
        return rejected;
    }

    /** As much of a sentence as a rejection carries. */
    static String cut(String detail) {
        return detail.substring(0, Math.min(detail.length(), MAX_DETAIL_CHARACTERS));
    }

    private Rejected located(Origin origin, RejectReason reason, String detail) {
        Rejected rejected = new Rejected();
        rejected.setReason(reason);
        rejected.setDetail(cut(detail));
        rejected.setCount(1L);
        rejected.setTopic(sourceTopic);
        rejected.setPartition(origin.partition());
        rejected.setOffset(origin.offset());
        return rejected;
    }
}
