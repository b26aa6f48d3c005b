package io.edistream.console.exporter;

import io.edistream.metrics.RegisteredMetrics;
import io.edistream.schemas.Action;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.OutcomeKind;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceId;
import io.edistream.schemas.Spike;
import io.edistream.schemas.SpikeKind;
import io.edistream.schemas.metrics.ExporterMetrics;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.EnumMap;
import java.util.Map;

/**
 * The series of one model and route: all there from the first record that names it, which is a running score long before
 * a final one; those of an action from its first command on. So a rate does not miss what comes first.
 */
final class RouteSeries {

    private static final double MICROS_PER_SECOND = 1e6;

    private final RegisteredMetrics metrics;
    private final String model;
    private final String route;
    private final DistributionDataPoint finalEdis;
    private final DistributionDataPoint windowedEntropy;
    private final DistributionDataPoint abortTokens;
    private final Map<FinishReason, CounterDataPoint> ended = new EnumMap<>(FinishReason.class);
    private final Map<FinishReason, DistributionDataPoint> tokens = new EnumMap<>(FinishReason.class);
    private final Map<SpikeKind, CounterDataPoint> spikes = new EnumMap<>(SpikeKind.class);
    private final Map<Action, ActionSeries> actions = new EnumMap<>(Action.class);

    RouteSeries(RegisteredMetrics metrics, String model, String route) {
        this.metrics = metrics;
        this.model = model;
        this.route = route;
        finalEdis = metrics.histogram(ExporterMetrics.FINAL_EDIS).labelValues(model, route);
        windowedEntropy = metrics.histogram(ExporterMetrics.WINDOWED_ENTROPY).labelValues(model, route);
        abortTokens = metrics.histogram(ExporterMetrics.ABORT_TOKENS).labelValues(model, route);
        for (FinishReason reason : FinishReason.values()) {
            ended.put(reason, metrics.counter(ExporterMetrics.ENDED).labelValues(model, route, Names.of(reason)));
            tokens.put(
                    reason,
                    metrics.histogram(ExporterMetrics.SEQUENCE_TOKENS).labelValues(model, route, Names.of(reason)));
        }
        for (SpikeKind kind : SpikeKind.values()) {
            spikes.put(kind, metrics.counter(ExporterMetrics.SPIKES).labelValues(model, route, Names.of(kind)));
        }
    }

    /** A sequence ended; what was not measured of it is in no distribution. */
    void ended(Score score) {
        FinishReason reason = score.getFinishReason();
        Labels exemplar = exemplar(score.getSequence());
        Double edis = score.getSignals().getEdis();
        if (edis != null) {
            finalEdis.observeWithExemplar(edis, exemplar);
        }
        Double entropy = score.getSignals().getLargestWindowedEntropy();
        if (entropy != null) {
            windowedEntropy.observeWithExemplar(entropy, exemplar);
        }
        known(ended, reason).inc();
        known(tokens, reason).observe(score.getTokens());
        if (reason == FinishReason.ABORTED || reason == FinishReason.PRUNED) {
            abortTokens.observeWithExemplar(score.getTokens(), exemplar);
        }
    }

    void spiked(Spike spike) {
        known(spikes, spike.getKind()).inc();
    }

    /** A command was sent: what will be said of it can be counted. */
    void commanded(Action action) {
        actions.computeIfAbsent(action, ActionSeries::new);
    }

    void settled(CommandOutcome outcome) {
        actions.computeIfAbsent(outcome.getAction(), ActionSeries::new).settled(outcome);
    }

    private static Labels exemplar(SequenceId sequence) {
        return Labels.of("sequence_id", Ids.text(sequence));
    }

    private static <K extends Enum<K>, S> S known(Map<K, S> series, K symbol) {
        S found = series.get(symbol);
        if (found == null) {
            throw new IllegalStateException("no series of " + symbol);
        }
        return found;
    }

    /** The series of one action. */
    private final class ActionSeries {

        private final Map<OutcomeKind, CounterDataPoint> outcomes = new EnumMap<>(OutcomeKind.class);
        private final DistributionDataPoint reactionTokens;
        private final DistributionDataPoint reactionSeconds;

        ActionSeries(Action action) {
            String name = Names.of(action);
            for (OutcomeKind kind : OutcomeKind.values()) {
                outcomes.put(
                        kind,
                        metrics.counter(ExporterMetrics.OUTCOMES).labelValues(model, route, name, Names.of(kind)));
            }
            reactionTokens = metrics.histogram(ExporterMetrics.REACTION_TOKENS).labelValues(model, route, name);
            reactionSeconds =
                    metrics.histogram(ExporterMetrics.REACTION_SECONDS).labelValues(model, route, name);
        }

        void settled(CommandOutcome outcome) {
            known(outcomes, outcome.getKind()).inc(Math.max(1, outcome.getCount()));
            Integer appliedAtToken = outcome.getAppliedAtToken();
            if (outcome.getKind() != OutcomeKind.APPLIED || appliedAtToken == null) {
                return;
            }
            Labels exemplar = exemplar(outcome.getSequence());
            int between = appliedAtToken - outcome.getDecidedAtToken() - 1;
            if (between >= 0) {
                reactionTokens.observeWithExemplar(between, exemplar);
            }
            long micros = outcome.getAppliedAtMicros() - outcome.getDecidedTokenAtMicros();
            if (outcome.getAppliedAtMicros() > 0 && outcome.getDecidedTokenAtMicros() > 0 && micros >= 0) {
                reactionSeconds.observeWithExemplar(micros / MICROS_PER_SECOND, exemplar);
            }
        }
    }
}
