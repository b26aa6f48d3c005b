package io.edistream.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.StringJoiner;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.executiongraph.ErrorInfo;
import org.apache.flink.runtime.minicluster.MiniCluster;

/** A job that was submitted to an {@link EmbeddedFlink}. Thread-safe. */
public final class EmbeddedJob {

    private final MiniCluster cluster;
    private final JobID id;
    private final String name;

    EmbeddedJob(MiniCluster cluster, JobID id, String name) {
        this.cluster = cluster;
        this.id = id;
        this.name = name;
    }

    /** The id that Flink gave the job. */
    public JobID id() {
        return id;
    }

    /** What the job does now. */
    public JobStatus status() {
        return Waiting.get(cluster.getJobStatus(id), Waiting.LIMIT, "asking for the status of " + this);
    }

    /** The last failure of the job, as a stack trace, whether Flink restarted it after that or not. */
    public Optional<String> failure() {
        return Optional.ofNullable(graph().getFailureInfo()).map(ErrorInfo::getExceptionAsString);
    }

    /**
     * Returns when every task of the job runs, so that whatever is written to its inputs from now on meets a job that
     * is there.
     *
     * @throws IllegalStateException if the job ends before that, or is not there after 60 s; the message tells which
     *     tasks are missing, or why it failed
     */
    public EmbeddedJob awaitRunning() {
        Waiting.until(
                () -> {
                    AccessExecutionGraph graph = graph();
                    if (graph.getState().isGloballyTerminalState()) {
                        throw new IllegalStateException(ended(graph));
                    }
                    return graph.getState() == JobStatus.RUNNING
                            && missing(graph).isEmpty();
                },
                Waiting.LIMIT,
                () -> {
                    AccessExecutionGraph graph = graph();
                    return this + " is " + graph.getState() + ", these tasks do not run: " + missing(graph)
                            + cause(graph)
                                    .map(text -> "; last failure: " + text)
                                    .orElse("");
                });
        return this;
    }

    /**
     * Returns when the job has come to the end of its inputs.
     *
     * @param limit how long to wait
     * @throws IllegalStateException if it fails, is cancelled or has not finished by then
     */
    public void awaitFinished(Duration limit) {
        awaitEnd(limit);
        if (status() != JobStatus.FINISHED) {
            throw new IllegalStateException(ended(graph()));
        }
    }

    /**
     * Cancels the job and returns when it has ended; a job that has ended already stays as it is.
     *
     * @throws IllegalStateException if one of its tasks has not ended after 60 s
     */
    public void cancel() {
        if (!status().isGloballyTerminalState()) {
            // A job that ends by itself at this very moment refuses to be cancelled, which is as good.
            Waiting.get(
                    cluster.cancelJob(id).handle((acknowledged, failure) -> id),
                    Waiting.LIMIT,
                    "asking to cancel " + this);
        }
        awaitEnd(Waiting.LIMIT);
    }

    /**
     * Stops the job with a savepoint, from which another one can go on, and returns when it has ended.
     *
     * @param folder where to write it
     * @return where it is
     * @throws IllegalStateException if that fails or takes longer than 60 s
     */
    public String stopWithSavepoint(Path folder) {
        String savepoint = Waiting.get(
                cluster.stopWithSavepoint(id, folder.toUri().toString(), false, SavepointFormatType.CANONICAL),
                Waiting.LIMIT,
                "stopping " + this + " with a savepoint");
        awaitEnd(Waiting.LIMIT);
        return savepoint;
    }

    @Override
    public String toString() {
        return "job " + name + " (" + id + ")";
    }

    private void awaitEnd(Duration limit) {
        Waiting.until(() -> status().isGloballyTerminalState(), limit, () -> this + " is still " + status());
    }

    private AccessExecutionGraph graph() {
        return Waiting.get(cluster.getExecutionGraph(id), Waiting.LIMIT, "asking for the tasks of " + this);
    }

    private String ended(AccessExecutionGraph graph) {
        return this + " has ended: " + graph.getState()
                + cause(graph).map(text -> ", " + text).orElse("");
    }

    /** What went wrong first, without the exceptions that Flink wraps around it. */
    private static Optional<String> cause(AccessExecutionGraph graph) {
        return Optional.ofNullable(graph.getFailureInfo()).map(failure -> {
            Throwable cause = failure.getException();
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return String.valueOf(cause.getMessage());
        });
    }

    private static String missing(AccessExecutionGraph graph) {
        StringJoiner tasks = new StringJoiner(", ");
        for (AccessExecutionVertex task : graph.getAllExecutionVertices()) {
            ExecutionState state = task.getExecutionState();
            // A task may also have come to its end while the others started.
            if (state != ExecutionState.RUNNING && state != ExecutionState.FINISHED) {
                tasks.add(task.getTaskNameWithSubtaskIndex() + " " + state);
            }
        }
        return tasks.toString();
    }
}
