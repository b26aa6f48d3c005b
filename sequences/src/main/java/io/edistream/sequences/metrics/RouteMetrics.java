package io.edistream.sequences.metrics;

import io.edistream.metrics.RegisteredMetrics;
import io.edistream.schemas.metrics.Metric;
import io.edistream.schemas.metrics.SourceMetrics;
import io.edistream.sequences.EndReason;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import java.util.EnumMap;
import java.util.Map;

/**
 * What one route counts. Its ledger: as many sequences started as have ended, are decoded or wait; as many tokens were
 * decoded as were kept, were discarded or belong to sequences that have not ended. Used by the decoding thread.
 */
public final class RouteMetrics {

    private static final double MICROS_PER_SECOND = 1e6;

    private final CounterDataPoint started;
    private final Map<EndReason, CounterDataPoint> ended = new EnumMap<>(EndReason.class);
    private final GaugeDataPoint live;
    private final GaugeDataPoint waiting;
    private final CounterDataPoint tokens;
    private final CounterDataPoint kept;
    private final Map<EndReason, CounterDataPoint> discarded = new EnumMap<>(EndReason.class);
    private final GaugeDataPoint liveTokens;
    private final CounterDataPoint steps;
    private final DistributionDataPoint stepSeconds;
    private final CounterDataPoint failedCalls;
    private final CounterDataPoint failedRows;
    private final CounterDataPoint sparedSamples;
    private final GaugeDataPoint blocksUsed;
    private final GaugeDataPoint blocks;

    RouteMetrics(RegisteredMetrics registered, String model, String route) {
        started = registered.counter(SourceMetrics.STARTED).labelValues(model, route);
        live = registered.gauge(SourceMetrics.LIVE).labelValues(model, route);
        waiting = registered.gauge(SourceMetrics.WAITING).labelValues(model, route);
        tokens = registered.counter(SourceMetrics.TOKENS).labelValues(model, route);
        kept = registered.counter(SourceMetrics.TOKENS_KEPT).labelValues(model, route);
        liveTokens = registered.gauge(SourceMetrics.TOKENS_LIVE).labelValues(model, route);
        for (EndReason reason : EndReason.values()) {
            String label = Metric.label(reason.name());
            ended.put(reason, registered.counter(SourceMetrics.ENDED).labelValues(model, route, label));
            if (!reason.isNatural()) {
                discarded.put(
                        reason,
                        registered.counter(SourceMetrics.TOKENS_DISCARDED).labelValues(model, route, label));
            }
        }
        steps = registered.counter(SourceMetrics.STEPS).labelValues(model, route);
        stepSeconds = registered.histogram(SourceMetrics.STEP_SECONDS).labelValues(model, route);
        failedCalls = registered.counter(SourceMetrics.FAILED_CALLS).labelValues(model, route);
        failedRows = registered.counter(SourceMetrics.FAILED_ROWS).labelValues(model, route);
        sparedSamples = registered.counter(SourceMetrics.SPARED_SAMPLES).labelValues(model, route);
        blocksUsed = registered.gauge(SourceMetrics.BLOCKS_USED).labelValues(model, route);
        blocks = registered.gauge(SourceMetrics.BLOCKS).labelValues(model, route);
    }

    /** Sequences were accepted or branched off. */
    public void started(int sequences) {
        started.inc(sequences);
    }

    /** A decode step ended. */
    public void stepped(long micros) {
        steps.inc();
        stepSeconds.observe(micros / MICROS_PER_SECOND);
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
     * @param thrownAway whether its generation begins anew without them; otherwise what was rerouted is kept
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

    /** How far it is. */
    GeneratorMetrics.Progress progress() {
        double all = ended.values().stream().mapToDouble(CounterDataPoint::get).sum();
        return new GeneratorMetrics.Progress((long) tokens.get(), (long) all, (long) live.get(), (long) waiting.get());
    }

    /** The model has failed a call. */
    public void callFailed() {
        failedCalls.inc();
    }

    /** The model has failed a row, and would again. */
    public void rowFailed() {
        failedRows.inc();
    }

    /** A strategy has settled its vote without so many samples. */
    public void sparedSamples(int samples) {
        sparedSamples.inc(samples);
    }

    /** How full the route is. */
    public void occupied(int liveSequences, int waitingRequests, int usedBlocks, int allBlocks) {
        live.set(liveSequences);
        waiting.set(waitingRequests);
        blocksUsed.set(usedBlocks);
        blocks.set(allBlocks);
    }
}
