package io.edistream.dashboards;

import io.edistream.schemas.metrics.JobMetrics;
import io.edistream.schemas.metrics.Metric;
import java.util.List;

/** Metrics that Flink exports by itself, of which boards and alerts use these and no others. */
final class FlinkMetrics {

    private static final String JOB = "flink_jobmanager_job_";
    private static final String TASK = "flink_taskmanager_job_task_";

    static final Metric UPTIME = gauge(JOB + "uptime", "milliseconds", "Time since the job runs without a break.");
    static final Metric RESTARTS = counter(JOB + "numRestarts", "restarts", "Restarts of the job.");
    static final Metric CHECKPOINTS =
            counter(JOB + "numberOfCompletedCheckpoints", "checkpoints", "Checkpoints that were completed.");
    static final Metric CHECKPOINTS_FAILED =
            counter(JOB + "numberOfFailedCheckpoints", "checkpoints", "Checkpoints that failed.");
    static final Metric CHECKPOINT_DURATION =
            gauge(JOB + "lastCheckpointDuration", "milliseconds", "Duration of the last completed checkpoint.");
    static final Metric CHECKPOINT_SIZE =
            gauge(JOB + "lastCheckpointFullSize", "bytes", "State in the last completed checkpoint.");
    static final Metric PENDING =
            gauge(TASK + "operator_pendingRecords", "records", "Records that a source has still to read.");
    static final Metric BUSY = gauge(TASK + "busyTimeMsPerSecond", "ms/s", "Milliseconds of a second with work.");
    static final Metric BACK_PRESSURED =
            gauge(TASK + "backPressuredTimeMsPerSecond", "ms/s", "Milliseconds of a second waiting for a later task.");
    static final Metric RECORDS_IN = counter(TASK + "operator_numRecordsIn", "records", "Records taken in.");
    static final Metric RECORDS_OUT = counter(TASK + "operator_numRecordsOut", "records", "Records given out.");

    private FlinkMetrics() {}

    static List<Metric> all() {
        return List.of(
                UPTIME,
                RESTARTS,
                CHECKPOINTS,
                CHECKPOINTS_FAILED,
                CHECKPOINT_DURATION,
                CHECKPOINT_SIZE,
                PENDING,
                BUSY,
                BACK_PRESSURED,
                RECORDS_IN,
                RECORDS_OUT);
    }

    /** One of the job's own metrics, by the end of its name. */
    static Metric own(String name) {
        return JobMetrics.all().stream()
                .filter(metric -> metric.name().equals("flink_taskmanager_job_task_operator_edistream_" + name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the job has no metric " + name));
    }

    private static Metric counter(String name, String unit, String help) {
        return new Metric(name, Metric.Type.COUNTER, unit, List.of(), List.of(), help);
    }

    private static Metric gauge(String name, String unit, String help) {
        return new Metric(name, Metric.Type.GAUGE, unit, List.of(), List.of(), help);
    }
}
