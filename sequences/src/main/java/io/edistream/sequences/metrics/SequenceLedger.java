package io.edistream.sequences.metrics;

import io.edistream.metrics.RegisteredMetrics;
import io.edistream.schemas.metrics.Metric;
import io.edistream.schemas.metrics.SourceMetrics;
import io.edistream.sequences.EndReason;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import java.util.EnumMap;
import java.util.Map;

/**
 * What becomes of the sequences of one route. It balances: as many sequences started as have ended, are decoded or wait; as many
 * tokens were decoded as were kept, were discarded or belong to sequences that have not ended. Used by the hub's thread.
 */
public final class SequenceLedger {

    private final CounterDataPoint started;
    private final Map<EndReason, CounterDataPoint> ended = new EnumMap<>(EndReason.class);
    private final GaugeDataPoint live;
    private final GaugeDataPoint waiting;
    private final CounterDataPoint tokens;
    private final CounterDataPoint kept;
    private final Map<EndReason, CounterDataPoint> discarded = new EnumMap<>(EndReason.class);
    private final GaugeDataPoint liveTokens;

    SequenceLedger(RegisteredMetrics registered, String model, String route) {
        started = registered.counter(SourceMetrics.STARTED).labelValues(model, route);
        live = registered.gauge(SourceMetrics.LIVE).labelValues(model, route);
        waiting = registered.gauge(SourceMetrics.WAITING).labelValues(model, route);
        tokens = registered.counter(SourceMetrics.TOKENS).labelValues(model, route);
        kept = registered.counter(SourceMetrics.TOKENS_KEPT).labelValues(model, route);
        liveTokens = registered.gauge(SourceMetrics.TOKENS_LIVE).labelValues(model, route);
        for (EndReason reason : EndReason.values()) {
            String label = Metric.label(reason.name());
            ended.put(reason, registered.counter(SourceMetrics.ENDED).labelValues(model, route, label));
            // What is concluded is never begun anew.
            if (!reason.isNatural() && reason != EndReason.CONCLUDED) {
                discarded.put(
                        reason,
                        registered.counter(SourceMetrics.TOKENS_DISCARDED).labelValues(model, route, label));
            }
        }
    }

    /** Sequences were accepted or branched off. */
    public void started(int sequences) {
        started.inc(sequences);
    }

    /** Tokens were decoded. */
    public void decoded(int count) {
        tokens.inc(count);
        liveTokens.inc(count);
    }

    /**
     * A sequence ended.
     *
     * @param decoded tokens that were decoded for it
     * @param thrownAway whether its generation begins anew without them; otherwise what was rerouted or concluded is kept
     */
    public void ended(EndReason reason, int decoded, boolean thrownAway) {
        CounterDataPoint end = ended.get(reason);
        if (end != null) {
            end.inc();
        }
        CounterDataPoint waste = reason == EndReason.REROUTED && !thrownAway ? null : discarded.get(reason);
        (waste == null ? kept : waste).inc(decoded);
        liveTokens.dec(decoded);
    }

    /** A sequence is decoded from now on, or no more, where nobody counts them all. */
    public void runs(boolean now) {
        live.inc(now ? 1 : -1);
    }

    /** How many sequences are decoded and wait. */
    public void holds(int liveSequences, int waitingRequests) {
        live.set(liveSequences);
        waiting.set(waitingRequests);
    }

    /** How far it is. */
    GeneratorMetrics.Progress progress() {
        double all = ended.values().stream().mapToDouble(CounterDataPoint::get).sum();
        return new GeneratorMetrics.Progress((long) tokens.get(), (long) all, (long) live.get(), (long) waiting.get());
    }
}
