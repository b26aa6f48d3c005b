package io.edistream.jobs.sequences;

import io.edistream.jobs.events.SequenceEvent;
import io.edistream.jobs.events.SequenceEvent.Finish;
import io.edistream.jobs.events.SequenceEvent.Unusable;
import io.edistream.jobs.events.SequenceKey;
import io.edistream.jobs.sequences.SequenceState.Live;
import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceId;
import io.edistream.schemas.Spike;
import io.edistream.schemas.SpikeKind;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import io.edistream.signals.rules.Decision;
import io.edistream.signals.rules.Decision.Abort;
import io.edistream.signals.rules.Decision.Branch;
import org.jspecify.annotations.Nullable;

/** Builds the records that leave the job. A function of events and states: no clock, no counter of its own. */
final class Records {

    private static final EntropyKind[] ENTROPY_KINDS = EntropyKind.values();

    private final String sourceTopic;

    /**
     * @param sourceTopic topic that the events come from, for rejections
     */
    Records(String sourceTopic) {
        this.sourceTopic = sourceTopic;
    }

    Score runningScore(SequenceKey key, Live live) {
        return score(key, live, false, FinishReason.UNKNOWN, live.monitor().missingTokens(), null);
    }

    /**
     * The last score of a sequence whose generator said that it ended.
     *
     * @param missingAtEnd tokens behind the last one that arrived
     */
    Score finalScore(SequenceKey key, Live live, Finish finish, int missingAtEnd) {
        return score(
                key,
                live,
                true,
                finish.reason(),
                live.monitor().missingTokens() + missingAtEnd,
                finish.correct().orElse(null));
    }

    /** The last score of a sequence that nothing was heard of for too long. */
    Score abandonedScore(SequenceKey key, Live live) {
        return score(key, live, true, FinishReason.ABANDONED, live.monitor().missingTokens(), null);
    }

    private static Score score(
            SequenceKey key,
            Live live,
            boolean last,
            FinishReason reason,
            int missingTokens,
            @Nullable Boolean correct) {
        SequenceMonitor monitor = live.monitor();
        SequenceInfo info = monitor.info();
        Score score = new Score();
        score.setSequence(key.id());
        score.setGroup(info.group());
        score.setModel(info.model());
        score.setRoute(info.route());
        score.setEntropyKind(ENTROPY_KINDS[info.entropyKind()]);
        score.setLastToken(monitor.nextToken() - 1);
        score.setTokens(monitor.signals().tokens());
        score.setSignals(monitor.signals().scores());
        score.setFinal$(last);
        score.setFinishReason(reason);
        score.setMissingTokens(missingTokens);
        score.setCorrect(correct);
        score.setDecodedAtMicros(live.lastDecodedAtMicros());
        score.setCommands(monitor.decisions());
        return score;
    }

    Spike spike(
            SequenceKey key,
            SequenceInfo info,
            int token,
            SpikeListener.Kind kind,
            double entropyNats,
            double baselineNats,
            double thresholdNats,
            long decodedAtMicros) {
        Spike spike = new Spike();
        spike.setSequence(key.id());
        spike.setModel(info.model());
        spike.setRoute(info.route());
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

    Command command(SequenceKey key, Decision decision, boolean armed, long decodedAtMicros) {
        SequenceId sequence = key.id();
        Command command = new Command();
        command.setSequence(sequence);
        command.setMode(armed ? CommandMode.ARMED : CommandMode.SHADOW);
        command.setRule(decision.rule().id());
        command.setRuleVersion(decision.rule().version());
        command.setDecidedAtToken(decision.decidedAtToken());
        command.setDecodedAtMicros(decodedAtMicros);
        command.setReason(decision.reason());
        command.setSpareLast(true);
        if (decision.act() instanceof Abort abort) {
            command.setAction(Action.ABORT);
            command.setSpareLast(abort.spareLast());
        } else if (decision.act() instanceof Branch branch) {
            command.setAction(Action.BRANCH);
            command.setBranchAtToken(branch.atToken());
            command.setBranchWidth(branch.width());
            command.setMaxLeaves(branch.maxLeaves());
        }
        command.setCommandId(CommandIds.of(
                sequence,
                decision.rule().id(),
                decision.rule().version(),
                decision.decidedAtToken(),
                command.getAction()));
        return command;
    }

    /** A rejection of an event that was read. */
    Rejected rejected(SequenceEvent event, RejectReason reason, String detail, int token) {
        Rejected rejected = located(event, reason, detail);
        rejected.setSequence(event.key().id());
        rejected.setToken(token == Unusable.NO_TOKEN ? null : token);
        return rejected;
    }

    /** A rejection of something that the source could not make an event of. */
    Rejected rejected(Unusable unusable) {
        Rejected rejected = located(unusable, unusable.reason(), unusable.detail());
        rejected.setSequence(unusable.ofSequence() ? unusable.key().id() : null);
        rejected.setToken(unusable.token() == Unusable.NO_TOKEN ? null : unusable.token());
        unusable.payload().ifPresent(payload -> rejected.setPayload(payload.bytes()));
        return rejected;
    }

    private Rejected located(SequenceEvent event, RejectReason reason, String detail) {
        Rejected rejected = new Rejected();
        rejected.setReason(reason);
        rejected.setDetail(detail);
        rejected.setTopic(sourceTopic);
        rejected.setPartition(event.origin().partition());
        rejected.setOffset(event.origin().offset());
        return rejected;
    }
}
