package io.edistream.generator.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * The metrics of a source of tokens: base units, classic histograms, no ids in labels. Thread-safe.
 *
 * <p>One instance per registry: names are registered on construction.
 */
public final class GeneratorMetrics {

    private static final String PREFIX = "edistream_generator_";
    private static final double MICROS_PER_SECOND = 1e6;

    private final PrometheusRegistry registry;
    private final Counter tokens;
    private final Counter steps;
    private final Histogram stepSeconds;
    private final Counter ended;
    private final Gauge live;
    private final Gauge waiting;
    private final Gauge blocksUsed;
    private final Gauge blocks;
    private final Counter records;
    private final Gauge reachable;
    private final Counter unreadable;
    private final Counter unwatched;
    private final Counter commands;
    private volatile Supplier<OptionalDouble> heartbeatAge = OptionalDouble::empty;
    private final Histogram reactionTokens;
    private final Histogram reactionSeconds;

    public GeneratorMetrics(PrometheusRegistry registry) {
        this.registry = registry;
        tokens = counter("tokens_total", "Tokens decoded.", "route");
        steps = counter("steps_total", "Decode steps, prefills not counted.", "route");
        stepSeconds = Histogram.builder()
                .name(PREFIX + "step_seconds")
                .help("Duration of a decode step of the whole batch, prefills not counted.")
                .labelNames("route")
                .classicOnly()
                .classicUpperBounds(.0005, .001, .002, .004, .008, .016, .032, .064, .128, .256, .512, 1)
                .register(registry);
        ended = counter("sequences_ended_total", "Sequences that have ended.", "route", "reason");
        live = gauge("live_sequences", "Sequences that are decoded now.", "route");
        waiting = gauge("waiting_requests", "Requests that wait for room.", "route");
        blocksUsed = gauge("kv_blocks_used", "Blocks of the key-value cache that hold something.", "route");
        blocks = gauge("kv_blocks", "Blocks of the key-value cache.", "route");
        records = counter(
                "records_total",
                "Records by topic and fate: published, dropped because the queue was full, failed in Kafka.",
                "topic",
                "fate");
        reachable = gauge("kafka_reachable", "1 while the last record got through, 0 while not.", "topic");
        unreadable = counter(
                "unreadable_commands_total", "Records of the control topic that are neither commands nor heartbeats.");
        unwatched = counter(
                "unwatched_sequences_total",
                "Sequences of which nothing was published, because their start came too far behind newer ones.");
        GaugeWithCallback.builder()
                .name(PREFIX + "job_heartbeat_age_seconds")
                .help("Time since the last heartbeat of any job; absent before the first. Above 10 nobody watches.")
                .callback(callback -> heartbeatAge.get().ifPresent(callback::call))
                .register(registry);
        commands = counter("commands_total", "Commands by action and outcome.", "action", "outcome");
        reactionTokens = Histogram.builder()
                .name(PREFIX + "reaction_tokens")
                .help("Tokens decoded between the one that caused a command and the command's effect.")
                .classicOnly()
                .classicUpperBounds(0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128)
                .register(registry);
        reactionSeconds = Histogram.builder()
                .name(PREFIX + "reaction_seconds")
                .help("Time from the token that caused a command to the command's effect.")
                .classicOnly()
                .classicUpperBounds(.001, .002, .004, .008, .016, .032, .064, .128, .256, .512, 1, 2, 4, 8)
                .register(registry);
    }

    /** Where the metrics are registered, for whoever exposes them. */
    public PrometheusRegistry registry() {
        return registry;
    }

    /** A decode step of a route ended. */
    public void stepped(String route, long micros) {
        steps.labelValues(route).inc();
        stepSeconds.labelValues(route).observe(micros / MICROS_PER_SECOND);
    }

    /** Tokens were decoded. */
    public void decoded(String route, int count) {
        tokens.labelValues(route).inc(count);
    }

    /** A sequence ended. */
    public void ended(String route, String reason) {
        ended.labelValues(route, reason).inc();
    }

    /** How full a route is. */
    public void occupied(String route, int liveSequences, int waitingRequests, int usedBlocks, int allBlocks) {
        live.labelValues(route).set(liveSequences);
        waiting.labelValues(route).set(waitingRequests);
        blocksUsed.labelValues(route).set(usedBlocks);
        blocks.labelValues(route).set(allBlocks);
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

    /** Where the time since the last heartbeat of a job is asked for, seconds; empty before the first. */
    public void heartbeatAge(Supplier<OptionalDouble> seconds) {
        heartbeatAge = seconds;
    }

    /** A command was settled. */
    public void commandSettled(String action, String outcome) {
        commands.labelValues(action, outcome).inc();
    }

    /** A command took effect, so many tokens and microseconds after its cause. */
    public void reaction(long tokensBetween, long micros) {
        reactionTokens.observe((double) tokensBetween);
        reactionSeconds.observe(micros / MICROS_PER_SECOND);
    }

    private Counter counter(String name, String help, String... labels) {
        return Counter.builder()
                .name(PREFIX + name)
                .help(help)
                .labelNames(labels)
                .register(registry);
    }

    private Gauge gauge(String name, String help, String... labels) {
        return Gauge.builder().name(PREFIX + name).help(help).labelNames(labels).register(registry);
    }
}
