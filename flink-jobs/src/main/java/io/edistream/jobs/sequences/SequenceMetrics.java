package io.edistream.jobs.sequences;

import io.edistream.schemas.Command;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.SpikeKind;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * What the operator counts. Labels are reason, kind, action and mode; never ids, of which there are too many.
 *
 * <p>The number of live sequences is a sum over all tasks: after a rescale the share of a single task means nothing.
 */
final class SequenceMetrics {

    private static final String GROUP = "edistream";

    private final MetricGroup group;
    private final Counter tokens;
    private final Counter started;
    private final Counter finished;
    private final Counter abandoned;
    private final Counter gaps;
    private final Counter missing;
    private final Counter repeated;
    private final Map<RejectReason, Counter> rejected = new EnumMap<>(RejectReason.class);
    private final Map<RejectReason, Counter> rejectedAgain = new EnumMap<>(RejectReason.class);
    private final Map<SpikeKind, Counter> spikes = new EnumMap<>(SpikeKind.class);
    private final Map<String, Counter> commands = new HashMap<>();
    private long live;

    /**
     * @param operatorGroup the operator's metrics
     * @param live live sequences in restored state
     */
    SequenceMetrics(MetricGroup operatorGroup, long live) {
        this.group = operatorGroup.addGroup(GROUP);
        this.live = live;
        this.tokens = group.counter("tokens_total");
        this.started = group.counter("sequences_started_total");
        this.finished = group.counter("sequences_finished_total");
        this.abandoned = group.counter("sequences_abandoned_total");
        this.gaps = group.counter("gaps_total");
        this.missing = group.counter("missing_tokens_total");
        this.repeated = group.counter("repeated_tokens_total");
        group.gauge("live_sequences", this::live);
    }

    long live() {
        return live;
    }

    void tokenTaken() {
        tokens.inc();
    }

    void sequenceStarted() {
        started.inc();
        live++;
    }

    void sequenceFinished() {
        finished.inc();
        live--;
    }

    void sequenceAbandoned() {
        abandoned.inc();
        live--;
    }

    void gap() {
        gaps.inc();
    }

    void missing(int missingTokens) {
        missing.inc(missingTokens);
    }

    void repeated(int repeatedTokens) {
        repeated.inc(repeatedTokens);
    }

    void rejected(RejectReason reason) {
        rejected.computeIfAbsent(reason, this::rejectedCounter).inc();
    }

    /** An event that is like one of the same sequence that was rejected before, and has no rejection of its own. */
    void rejectedAgain(RejectReason reason) {
        rejectedAgain.computeIfAbsent(reason, this::rejectedAgainCounter).inc();
    }

    void spike(SpikeKind kind) {
        spikes.computeIfAbsent(kind, this::spikeCounter).inc();
    }

    void command(Command command) {
        String action = label(command.getAction());
        String mode = label(command.getMode());
        commands.computeIfAbsent(action + ' ' + mode, key -> group.addGroup("action", action)
                        .addGroup("mode", mode)
                        .counter("commands_total"))
                .inc();
    }

    private Counter rejectedCounter(RejectReason reason) {
        return group.addGroup("reason", label(reason)).counter("rejected_total");
    }

    private Counter rejectedAgainCounter(RejectReason reason) {
        return group.addGroup("reason", label(reason)).counter("rejected_again_total");
    }

    private Counter spikeCounter(SpikeKind kind) {
        return group.addGroup("kind", label(kind)).counter("spikes_total");
    }

    private static String label(Enum<?> symbol) {
        return symbol.name().toLowerCase(Locale.ROOT);
    }
}
