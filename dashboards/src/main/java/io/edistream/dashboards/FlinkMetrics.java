package io.edistream.dashboards;

import io.edistream.schemas.metrics.JobMetrics;
import io.edistream.schemas.metrics.Metric;
import java.util.List;

/** Metrics that Flink exports by itself, of which boards and alerts use these and no others. */
final class FlinkMetrics {

    private static final String JOB = "flink_jobmanager_job_";
    private static final String TASK = "flink_taskmanager_job_task_";
    private static final String CONSUMER = TASK + "operator_KafkaSourceReader_KafkaConsumer_";
    private static final String PRODUCER = TASK + "operator_KafkaProducer_";

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
    static final Metric FETCH_LATENCY = gauge(
            CONSUMER + "fetch_latency_avg",
            "milliseconds",
            "Mean time that a fetch from Kafka takes, waiting included.");
    static final Metric LAST_POLL =
            gauge(CONSUMER + "last_poll_seconds_ago", "seconds", "Time since records were last asked for.");
    static final Metric REQUEST_LATENCY =
            gauge(PRODUCER + "request_latency_avg", "milliseconds", "Mean time that a request to Kafka takes.");
    static final Metric QUEUE_TIME = gauge(
            PRODUCER + "record_queue_time_avg", "milliseconds", "Mean time that a batch waits before it is sent.");
    static final Metric RETRIES = counter(PRODUCER + "record_retry_total", "records", "Records that were sent again.");
    static final Metric ERRORS = counter(PRODUCER + "record_error_total", "records", "Records that were given up.");

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
                RECORDS_OUT,
                FETCH_LATENCY,
                LAST_POLL,
                REQUEST_LATENCY,
                QUEUE_TIME,
                RETRIES,
                ERRORS);
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
