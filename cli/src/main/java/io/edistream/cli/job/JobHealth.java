package io.edistream.cli.job;

import io.edistream.http.ProcessState;
import java.util.List;
import org.apache.flink.api.common.JobStatus;
import org.jspecify.annotations.Nullable;

/** How a job is: ready while it runs and its brokers answer. */
final class JobHealth implements ProcessState {

    private volatile @Nullable JobStatus status;
    private volatile @Nullable Boolean kafkaAnswers;

    /** Flink was asked. */
    void onStatus(JobStatus now) {
        status = now;
    }

    /** The brokers were asked. */
    void onKafka(boolean answers) {
        kafkaAnswers = answers;
    }

    @Override
    public boolean isAlive() {
        JobStatus now = status;
        return now == null || !now.isGloballyTerminalState();
    }

    @Override
    public List<Check> checks() {
        JobStatus now = status;
        Boolean answers = kafkaAnswers;
        return List.of(
                new Check(
                        "job",
                        now == JobStatus.RUNNING,
                        now == null ? "the job is being started" : "the job is " + now),
                new Check(
                        "kafka",
                        answers != null && answers,
                        answers == null
                                ? "Kafka has not been asked yet"
                                : answers ? "Kafka answers" : "Kafka does not answer"));
    }
}
