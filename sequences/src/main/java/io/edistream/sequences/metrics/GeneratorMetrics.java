package io.edistream.sequences.metrics;

import io.edistream.metrics.RegisteredMetrics;
import io.edistream.schemas.metrics.Metric;
import io.edistream.schemas.metrics.SourceMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * The metrics of a source of tokens: base units, no ids in labels. Thread-safe.
 *
 * <p>One instance per registry: names are registered on construction.
 */
public final class GeneratorMetrics {

    private static final double MICROS_PER_SECOND = 1e6;

    private final PrometheusRegistry registry;
    private final RegisteredMetrics registered;
    private final List<SequenceLedger> ledgers = new CopyOnWriteArrayList<>();
    private final Counter records;
    private final Gauge reachable;
    private final Counter unreadable;
    private final Counter unwatched;
    private final Counter textsLeftOut;
    private final Counter commands;
    private final Counter refused;
    private final Histogram reactionTokens;
    private final Histogram reactionSeconds;
    private volatile Supplier<OptionalDouble> heartbeatAge = OptionalDouble::empty;

    public GeneratorMetrics(PrometheusRegistry registry) {
        this.registry = registry;
        registered = new RegisteredMetrics(
                registry, SourceMetrics.all(), Map.of(SourceMetrics.HEARTBEAT_AGE, callback -> heartbeatAge
                        .get()
                        .ifPresent(callback::call)));
        records = registered.counter(SourceMetrics.RECORDS);
        reachable = registered.gauge(SourceMetrics.REACHABLE);
        unreadable = registered.counter(SourceMetrics.UNREADABLE_COMMANDS);
        unwatched = registered.counter(SourceMetrics.UNWATCHED);
        textsLeftOut = registered.counter(SourceMetrics.TEXTS_LEFT_OUT);
        commands = registered.counter(SourceMetrics.COMMANDS);
        refused = registered.counter(SourceMetrics.REFUSALS);
        reactionTokens = registered.histogram(SourceMetrics.REACTION_TOKENS);
        reactionSeconds = registered.histogram(SourceMetrics.REACTION_SECONDS);
    }

    /** Where the metrics are registered, for whoever exposes them. */
    public PrometheusRegistry registry() {
        return registry;
    }

    /** The metrics of a route of an engine of ours, all there from now on. */
    public RouteMetrics route(String model, String route) {
        return new RouteMetrics(registered, ledger(model, route), model, route);
    }

    /** What becomes of the sequences of a route, there from now on. */
    public SequenceLedger ledger(String model, String route) {
        SequenceLedger ledger = new SequenceLedger(registered, model, route);
        ledgers.add(ledger);
        return ledger;
    }

    /** How far all routes are. */
    public Progress progress() {
        return ledgers.stream().map(SequenceLedger::progress).reduce(new Progress(0, 0, 0, 0), Progress::plus);
    }

    /**
     * How far decoding is.
     *
     * @param tokens decoded so far
     * @param ended sequences that have ended
     * @param live sequences that are decoded
     * @param waiting sequences that wait
     */
    public record Progress(long tokens, long ended, long live, long waiting) {

        private Progress plus(Progress other) {
            return new Progress(tokens + other.tokens, ended + other.ended, live + other.live, waiting + other.waiting);
        }
    }

    /** Commands may come: their series are there before the first. */
    public void expectsCommands(List<String> actions, List<String> outcomes, List<String> refusals) {
        for (String action : actions) {
            refusals.forEach(reason -> refused.initLabelValues(Metric.label(action), Metric.label(reason)));
            outcomes.forEach(outcome -> commands.initLabelValues(Metric.label(action), Metric.label(outcome)));
            reactionTokens.initLabelValues(Metric.label(action));
            reactionSeconds.initLabelValues(Metric.label(action));
        }
    }

    /** A topic will be written or read: its series are there before the first record. */
    public void expects(String topic) {
        for (String fate : List.of("published", "dropped", "failed")) {
            records.initLabelValues(topic, fate);
        }
    }

    /** Kafka acknowledged a record. */
    public void published(String topic) {
        records.labelValues(topic, "published").inc();
    }

    /** A record found the queue full. */
    public void dropped(String topic) {
        records.labelValues(topic, "dropped").inc();
    }

    /** Kafka did not take a record. */
    public void failed(String topic) {
        records.labelValues(topic, "failed").inc();
    }

    /** Whether records get through. */
    public void reachable(String topic, boolean value) {
        reachable.labelValues(topic).set(value ? 1 : 0);
    }

    /** A record of the control topic could not be read. */
    public void unreadableCommand() {
        unreadable.inc();
    }

    /** Nothing of a sequence will be published. */
    public void unwatchedSequence() {
        unwatched.inc();
    }

    /** A prompt, an answer or a text was left out of what is published. */
    public void textLeftOut() {
        textsLeftOut.inc();
    }

    /** What has become of the records of a topic so far, and of sequences. */
    public Account account(String topic) {
        return new Account(
                count(topic, "published"), count(topic, "dropped"), count(topic, "failed"), (long) unwatched.get());
    }

    private long count(String topic, String fate) {
        return (long) records.labelValues(topic, fate).get();
    }

    /**
     * What was sent and what was not.
     *
     * @param published records that Kafka acknowledged
     * @param dropped steps, or other items, that found the queue full
     * @param failed records that Kafka did not take; some of what they held may have come with a later one
     * @param unwatched sequences whose start was never published
     */
    public record Account(long published, long dropped, long failed, long unwatched) {}

    /** Where the time since the last heartbeat of a job is asked for, seconds; empty before the first. */
    public void heartbeatAge(Supplier<OptionalDouble> seconds) {
        heartbeatAge = seconds;
    }

    /** A command was settled. */
    public void commandSettled(String action, String outcome) {
        commands.labelValues(Metric.label(action), Metric.label(outcome)).inc();
    }

    /** A command was refused. */
    public void commandRefused(String action, String reason) {
        refused.labelValues(Metric.label(action), Metric.label(reason)).inc();
    }

    /** A command took effect, so many tokens and microseconds after its cause. */
    public void reaction(String action, long tokensBetween, long micros) {
        reactionTokens.labelValues(Metric.label(action)).observe((double) tokensBetween);
        reactionSeconds.labelValues(Metric.label(action)).observe(micros / MICROS_PER_SECOND);
    }
}
