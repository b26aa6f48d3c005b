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
            List.of(0d, .5, 1d, 2d, 4d, 8d, 16d, 32d, 64d, 128d, 256d, 512d),
            "EDIS of sequences at their end; exemplars name the sequence.",
            "model",
            "route");
    public static final Metric WINDOWED_ENTROPY = histogram(
            "edistream_largest_windowed_entropy_nats",
            "nats",
            List.of(.1, .25, .5, .75, 1d, 1.25, 1.5, 2d, 2.5, 3d, 4d, 5d, 6d, 8d),
            "Largest mean entropy of 8 consecutive tokens of sequences at their end; exemplars name the sequence.",
            "model",
            "route");
    public static final Metric SEQUENCE_TOKENS = histogram(
            "edistream_sequence_tokens",
            "tokens",
            Buckets.SEQUENCE_TOKENS,
            "Tokens of sequences at their end.",
            "model",
            "route",
            "reason");
    public static final Metric ABORT_TOKENS = histogram(
            "edistream_abort_tokens",
            "tokens",
            Buckets.SEQUENCE_TOKENS,
            "Tokens of sequences that ended as aborted or pruned; exemplars name the sequence.",
            "model",
            "route");
    public static final Metric REACTION_TOKENS = histogram(
            "edistream_reaction_tokens",
            "tokens",
            Buckets.REACTION_TOKENS,
            "Tokens decoded between the one that caused an applied command and the command's effect; exemplars name the"
                    + " sequence.",
            "model",
            "route",
            "action");
    public static final Metric REACTION_SECONDS = histogram(
            "edistream_reaction_seconds",
            "seconds",
            Buckets.REACTION_SECONDS,
            "Time from the token that caused an applied command to the command's effect, by the source's clock; exemplars"
                    + " name the sequence.",
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
    public static final Metric SPIKES = counter(
            "edistream_spikes_total",
            "spikes",
            "Spikes published, those included that a job published again after a restart.",
            "model",
            "route",
            "kind");
    public static final Metric COMMANDS = counter(
            "edistream_commands_total",
            "commands",
            "Commands sent by jobs, repeats included.",
            "action",
            "mode",
            "rule");
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
            "Records counted under other, because there are too many models and routes, rules or jobs.",
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
    public static final Metric RULE_REVISION = gauge(
            "edistream_rule_revision",
            "1",
            "Revision of a rule that a job asks, as its last heartbeat said.",
            "job_name",
            "rule");
    public static final Metric RULE_MODE = gauge(
            "edistream_rule_mode",
            "1",
            "1 for the mode that a rule is in, 0 for the others, as its job's last heartbeat said.",
            "job_name",
            "rule",
            "mode");
    public static final Metric KILL_SWITCH = gauge(
            "edistream_kill_switch",
            "1",
            "1 while the kill switch is on, so that no rule acts, as the job's last heartbeat said.",
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
                HEARTBEAT_AGE,
                RULE_REVISION,
                RULE_MODE,
                KILL_SWITCH);
    }
}
