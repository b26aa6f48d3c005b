package io.edistream.schemas.metrics;

import static io.edistream.schemas.metrics.Metric.counter;
import static io.edistream.schemas.metrics.Metric.gauge;
import static io.edistream.schemas.metrics.Metric.histogram;

import java.util.List;

/** What the exporter makes of the topics. */
public final class ExporterMetrics {

    public static final Metric FINAL_EDIS = histogram(
            "edistream_final_edis",
            "1",
            "EDIS of sequences at their end; exemplars name the sequence.",
            "model",
            "route");
    public static final Metric WINDOWED_ENTROPY = histogram(
            "edistream_largest_windowed_entropy_nats",
            "nats",
            "Largest mean entropy of 8 consecutive tokens of sequences at their end.",
            "model",
            "route");
    public static final Metric SEQUENCE_TOKENS = histogram(
            "edistream_sequence_tokens", "tokens", "Tokens of sequences at their end.", "model", "route", "reason");
    public static final Metric ABORT_TOKENS = histogram(
            "edistream_abort_tokens",
            "tokens",
            "Tokens of sequences that a command stopped; exemplars name the sequence.",
            "model",
            "route");
    public static final Metric REACTION_TOKENS = histogram(
            "edistream_reaction_tokens",
            "tokens",
            "Tokens decoded between the one that caused an applied command and the command's effect.",
            "model",
            "route",
            "action");
    public static final Metric REACTION_SECONDS = histogram(
            "edistream_reaction_seconds",
            "seconds",
            "Time from the token that caused an applied command to the command's effect, by the source's clock.",
            "model",
            "route",
            "action");
    public static final Metric ENDED = counter(
            "edistream_sequences_ended_total",
            "sequences",
            "Final scores, each sequence counted once.",
            "model",
            "route",
            "reason");
    public static final Metric SPIKES =
            counter("edistream_spikes_total", "spikes", "Spikes published.", "model", "route", "kind");
    public static final Metric COMMANDS =
            counter("edistream_commands_total", "commands", "Commands sent by jobs.", "action", "mode", "rule");
    public static final Metric OUTCOMES = counter(
            "edistream_command_outcomes_total",
            "commands",
            "What became of commands, as their sources reported it.",
            "model",
            "route",
            "action",
            "outcome");
    public static final Metric REPEATED = counter(
            "edistream_exporter_repeated_scores_total",
            "records",
            "Final scores that came again and were not counted again, as after a restore of the job.");
    public static final Metric OTHER = counter(
            "edistream_exporter_folded_labels_total",
            "records",
            "Records counted under other, because there are too many models and routes, or rules.",
            "label");
    public static final Metric UNREADABLE = counter(
            "edistream_exporter_unreadable_records_total", "records", "Records that could not be read.", "topic");
    public static final Metric RECORDS =
            counter("edistream_exporter_records_total", "records", "Records that were read.", "topic");
    public static final Metric LAG = gauge(
            "edistream_exporter_lag_records",
            "records",
            "Records that are still to be read; absent while not known.",
            "topic");
    public static final Metric REACHABLE = gauge(
            "edistream_exporter_kafka_reachable", "1", "1 while the broker and all topics can be read, 0 while not.");
    public static final Metric HEARTBEAT_AGE = gauge(
            "edistream_job_heartbeat_age_seconds",
            "seconds",
            "Time since the last heartbeat of a job was read; absent before the first.",
            "job_name");

    private ExporterMetrics() {}

    /** All of them. */
    public static List<Metric> all() {
        return List.of(
                FINAL_EDIS,
                WINDOWED_ENTROPY,
                SEQUENCE_TOKENS,
                ABORT_TOKENS,
                REACTION_TOKENS,
                REACTION_SECONDS,
                ENDED,
                SPIKES,
                COMMANDS,
                OUTCOMES,
                REPEATED,
                OTHER,
                UNREADABLE,
                RECORDS,
                LAG,
                REACHABLE,
                HEARTBEAT_AGE);
    }
}
