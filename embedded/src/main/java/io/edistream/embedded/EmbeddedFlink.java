package io.edistream.embedded;

import java.util.Collection;
import java.util.Optional;
import org.apache.flink.client.deployment.executors.PipelineExecutorUtils;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;

/**
 * A Flink cluster in this JVM: one job manager and one task manager with some slots, state on the heap, checkpoints in
 * a temporary directory that is deleted on {@link #close}, and settings for low latency: every record goes on its way
 * at once.
 *
 * <p>For the demo and for tests. It listens on the loopback interface only. Several can run in one JVM.
 */
public final class EmbeddedFlink implements AutoCloseable {

    private final TemporaryDirectory directory;
    private final MiniCluster cluster;
    private final Configuration configuration;
    private boolean closed;

    private EmbeddedFlink(TemporaryDirectory directory, MiniCluster cluster, Configuration configuration) {
        this.directory = directory;
        this.cluster = cluster;
        this.configuration = configuration;
    }

    /**
     * Starts a cluster and returns when it accepts jobs.
     *
     * @param slots how many parallel instances of a job's tasks it can run, at least 1; also the default parallelism
     * @throws IllegalArgumentException if there would be no slot
     * @throws IllegalStateException if the cluster does not start
     * @throws java.io.UncheckedIOException if the temporary directory cannot be written
     */
    public static EmbeddedFlink start(int slots) {
        return start(slots, new Configuration());
    }

    /**
     * Starts a cluster with settings of your own and returns when it accepts jobs.
     *
     * @param slots how many parallel instances of a job's tasks it can run, at least 1; also the default parallelism
     * @param settings Flink options that go before the ones this class sets, for instance a metrics reporter
     * @throws IllegalArgumentException if there would be no slot
     * @throws IllegalStateException if the cluster does not start
     * @throws java.io.UncheckedIOException if the temporary directory cannot be written
     */
    public static EmbeddedFlink start(int slots, Configuration settings) {
        if (slots < 1) {
            throw new IllegalArgumentException("slots " + slots + ": at least 1 is needed");
        }
        TemporaryDirectory directory = new TemporaryDirectory("edistream-flink-");
        Configuration configuration = FlinkSettings.of(slots, directory.path());
        configuration.addAll(settings);
        MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(slots)
                .build());
        try {
            cluster.start();
            return new EmbeddedFlink(directory, cluster, configuration);
        } catch (Exception e) {
            IllegalStateException failure =
                    new IllegalStateException("the embedded Flink cluster did not start: " + e.getMessage(), e);
            Closing.all(Optional.of(failure), cluster, directory);
            throw failure;
        }
    }

    /**
     * A new environment whose jobs run here, whether they are handed to {@link #submit} or started by the environment's
     * own {@code execute} methods.
     */
    public StreamExecutionEnvironment environment() {
        Configuration own = new Configuration(configuration);
        own.set(DeploymentOptions.TARGET, EmbeddedExecutor.NAME);
        own.set(DeploymentOptions.ATTACHED, true);
        return new StreamExecutionEnvironment(new EmbeddedExecutor(cluster), own, EmbeddedFlink.class.getClassLoader());
    }

    /**
     * Starts the job that an environment describes and returns when the cluster has accepted it.
     *
     * @param environment one of {@link #environment()}
     * @param name what to call the job
     * @throws IllegalStateException if it is refused
     */
    public EmbeddedJob submit(StreamExecutionEnvironment environment, String name) {
        StreamGraph graph = environment.getStreamGraph();
        graph.setJobName(name);
        try {
            StreamGraph ready =
                    PipelineExecutorUtils.getStreamGraph(graph, (Configuration) environment.getConfiguration());
            Waiting.get(cluster.submitJob(ready), Waiting.LIMIT, "submitting job " + name);
            return new EmbeddedJob(cluster, ready.getJobID(), name);
        } catch (IllegalStateException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("job " + name + " cannot be submitted: " + e.getMessage(), e);
        }
    }

    /** Cancels every job that still runs, stops the cluster and deletes its files. Further calls do nothing. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        Closing.all(Optional.empty(), this::cancelJobs, cluster, directory);
    }

    private void cancelJobs() {
        Collection<JobStatusMessage> jobs = Waiting.get(cluster.listJobs(), Waiting.LIMIT, "listing the jobs");
        for (JobStatusMessage job : jobs) {
            new EmbeddedJob(cluster, job.getJobId(), job.getJobName()).cancel();
        }
    }
}
