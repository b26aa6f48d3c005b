package io.edistream.jobs.sequences;

import io.edistream.jobs.watch.Counts;
import io.edistream.jobs.watch.Watcher;
import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Spike;
import io.edistream.schemas.SpikeKind;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * Counts in Flink's metrics. Labels are reason, kind, action and mode; never ids, of which there are too many. Every
 * counter is there from the start, so that a rate over it sees the first event.
 */
final class FlinkCounts implements Counts {

    private static final String GROUP = "edistream";

    private final MetricGroup group;
    private final Counter tokens;
    private final Counter unmeasured;
    private final Counter missing;
    private final Counter repeated;
    private final Counter missingRecords;
    private final Counter started;
    private final Counter finished;
    private final Counter abandoned;
    private final Counter abandonedByClock;
    private final Counter runningScores;
    private final Counter finalScores;
    private final Counter lateLabels;
    private final Map<RejectReason, Counter> rejected = new EnumMap<>(RejectReason.class);
    private final Map<SpikeKind, Counter> spikes = new EnumMap<>(SpikeKind.class);
    private final Map<Action, Map<CommandMode, Counter>> commands = new EnumMap<>(Action.class);

    /**
     * @param operatorGroup the operator's metrics
     */
    FlinkCounts(MetricGroup operatorGroup) {
        group = operatorGroup.addGroup(GROUP);
        tokens = group.counter("tokens_total");
        unmeasured = group.counter("unmeasured_tokens_total");
        missing = group.counter("missing_tokens_total");
        repeated = group.counter("repeated_tokens_total");
        missingRecords = group.counter("missing_records_total");
        started = group.counter("sequences_started_total");
        finished = group.counter("sequences_finished_total");
        abandoned = group.addGroup("closed_by", "records").counter("sequences_abandoned_total");
        abandonedByClock = group.addGroup("closed_by", "clock").counter("sequences_abandoned_total");
        runningScores = group.addGroup("kind", "running").counter("scores_total");
        finalScores = group.addGroup("kind", "final").counter("scores_total");
        lateLabels = group.counter("late_labels_total");
        for (RejectReason reason : RejectReason.values()) {
            rejected.put(reason, group.addGroup("reason", label(reason)).counter("rejected_total"));
        }
        for (SpikeKind kind : SpikeKind.values()) {
            spikes.put(kind, group.addGroup("kind", label(kind)).counter("spikes_total"));
        }
        for (Action action : Action.values()) {
            Map<CommandMode, Counter> byMode = new EnumMap<>(CommandMode.class);
            for (CommandMode mode : CommandMode.values()) {
                byMode.put(
                        mode,
                        group.addGroup("action", label(action))
                                .addGroup("mode", label(mode))
                                .counter("commands_total"));
            }
            commands.put(action, byMode);
        }
    }

    /** Shows how much the watcher holds. */
    void expose(Watcher watcher) {
        group.gauge("live_sequences", watcher::live);
        group.gauge("generators", watcher::generators);
    }

    @Override
    public void tokens(int count) {
        tokens.inc(count);
    }

    @Override
    public void unmeasured(int count) {
        unmeasured.inc(count);
    }

    @Override
    public void missingTokens(int count) {
        missing.inc(count);
    }

    @Override
    public void repeatedTokens(int count) {
        repeated.inc(count);
    }

    @Override
    public void missingRecords(long count) {
        missingRecords.inc(count);
    }

    @Override
    public void started() {
        started.inc();
    }

    @Override
    public void finished() {
        finished.inc();
    }

    @Override
    public void abandoned(boolean byClock) {
        (byClock ? abandonedByClock : abandoned).inc();
    }

    @Override
    public void rejected(RejectReason reason) {
        rejected.get(reason).inc();
    }

    @Override
    public void spike(Spike spike) {
        spikes.get(spike.getKind()).inc();
    }

    @Override
    public void command(Command command) {
        commands.get(command.getAction()).get(command.getMode()).inc();
    }

    @Override
    public void score(boolean last) {
        (last ? finalScores : runningScores).inc();
    }

    @Override
    public void lateLabel() {
        lateLabels.inc();
    }

    private static String label(Enum<?> symbol) {
        return symbol.name().toLowerCase(Locale.ROOT);
    }
}
