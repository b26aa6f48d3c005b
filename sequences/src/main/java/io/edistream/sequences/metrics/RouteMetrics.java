package io.edistream.sequences.metrics;

import io.edistream.metrics.RegisteredMetrics;
import io.edistream.schemas.metrics.SourceMetrics;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;

/** What one route of an engine of ours counts: its sequences, its steps and its cache. Used by the decoding thread. */
public final class RouteMetrics {

    private static final double MICROS_PER_SECOND = 1e6;

    private final SequenceLedger sequences;
    private final CounterDataPoint steps;
    private final DistributionDataPoint stepSeconds;
    private final CounterDataPoint failedCalls;
    private final CounterDataPoint failedRows;
    private final CounterDataPoint sparedSamples;
    private final GaugeDataPoint blocksUsed;
    private final GaugeDataPoint blocks;

    RouteMetrics(RegisteredMetrics registered, SequenceLedger sequences, String model, String route) {
        this.sequences = sequences;
        steps = registered.counter(SourceMetrics.STEPS).labelValues(model, route);
        stepSeconds = registered.histogram(SourceMetrics.STEP_SECONDS).labelValues(model, route);
        failedCalls = registered.counter(SourceMetrics.FAILED_CALLS).labelValues(model, route);
        failedRows = registered.counter(SourceMetrics.FAILED_ROWS).labelValues(model, route);
        sparedSamples = registered.counter(SourceMetrics.SPARED_SAMPLES).labelValues(model, route);
        blocksUsed = registered.gauge(SourceMetrics.BLOCKS_USED).labelValues(model, route);
        blocks = registered.gauge(SourceMetrics.BLOCKS).labelValues(model, route);
    }

    /** What becomes of its sequences. */
    public SequenceLedger sequences() {
        return sequences;
    }

    /** A decode step ended. */
    public void stepped(long micros) {
        steps.inc();
        stepSeconds.observe(micros / MICROS_PER_SECOND);
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

    /** How full the cache is. */
    public void occupied(int usedBlocks, int allBlocks) {
        blocksUsed.set(usedBlocks);
        blocks.set(allBlocks);
    }
}
