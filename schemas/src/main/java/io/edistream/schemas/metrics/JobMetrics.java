package io.edistream.schemas.metrics;

import java.util.List;

/**
 * What the job exports, by the names that Flink's Prometheus reporter gives. Flink shows its counters as gauges and puts
 * the names of their labels into the metric's name.
 */
public final class JobMetrics {

    private static final String PREFIX = "flink_taskmanager_job_task_operator_edistream_";

    private JobMetrics() {}

    /** All of them, without the labels by which Flink says which job, task and operator it is. */
    public static List<Metric> all() {
        return List.of(
                counter("tokens_total", "tokens", "Tokens taken in."),
                counter("unmeasured_tokens_total", "tokens", "Of these, tokens without an entropy."),
                counter("missing_tokens_total", "tokens", "Tokens that never came."),
                counter("repeated_tokens_total", "tokens", "Tokens that came again and were left out."),
                counter("missing_records_total", "records", "Records of sources that never came."),
                counter("sequences_started_total", "sequences", "Sequences that started."),
                counter("sequences_finished_total", "sequences", "Sequences that their source ended."),
                counter(
                        "closed_by_sequences_abandoned_total",
                        "sequences",
                        "Sequences that the job ended: by later records of their source, or by its clock.",
                        "closed_by"),
                counter("kind_scores_total", "records", "Scores published: running or final.", "kind"),
                counter("late_labels_total", "labels", "Labels that came after their sequence's end."),
                counter("reason_rejected_total", "events", "What could not be used, by why.", "reason"),
                counter("kind_spikes_total", "spikes", "Spikes published, by kind.", "kind"),
                counter("action_mode_commands_total", "commands", "Commands sent.", "action", "mode"),
                counter(
                        "topic_kind_telemetry_dropped_total",
                        "records",
                        "Records that were not written because of a full queue or a topic that takes none.",
                        "topic",
                        "kind"),
                gauge("live_sequences", "sequences", "Sequences that are watched now."),
                gauge("generators", "sources", "Sources of tokens that are known now."));
    }

    private static Metric counter(String name, String unit, String help, String... labels) {
        return Metric.counter(PREFIX + name, unit, help, labels);
    }

    private static Metric gauge(String name, String unit, String help, String... labels) {
        return Metric.gauge(PREFIX + name, unit, help, labels);
    }
}
