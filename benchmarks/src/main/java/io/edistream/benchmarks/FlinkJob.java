package io.edistream.benchmarks;

import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedJob;
import io.edistream.jobs.KafkaEnds;
import io.edistream.jobs.KafkaOptions;
import io.edistream.jobs.KafkaOptions.StartFrom;
import io.edistream.jobs.RuntimeOptions;
import io.edistream.jobs.Topology;
import io.edistream.jobs.sequences.JobIdentity;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Topics;
import java.util.Map;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The job as it is: its topology, ends in Kafka and settings.
 *
 * @param bootstrapServers broker of its topics
 * @param in topics of which it reads token-entropy, from the first record on
 * @param out topics that it writes
 * @param settings how it watches
 * @param runtime its parallelism and checkpoints
 * @param clientProperties further properties of its Kafka clients
 */
public record FlinkJob(
        String bootstrapServers,
        Topics in,
        Topics out,
        WatchSettings settings,
        RuntimeOptions runtime,
        Map<String, String> clientProperties) {

    /** One task per operator and the default runtime. */
    public FlinkJob(String bootstrapServers, Topics in, Topics out, WatchSettings settings) {
        this(bootstrapServers, in, out, settings, RuntimeOptions.DEFAULT, Map.of());
    }

    /** Submits the job and returns when all of its tasks run. */
    public EmbeddedJob submit(EmbeddedFlink flink) {
        StreamExecutionEnvironment environment = flink.environment();
        environment.configure(runtime.configuration());
        Topology.define(
                environment,
                KafkaEnds.source(options(in)),
                KafkaEnds.sinks(options(out)),
                settings,
                new JobIdentity("benchmark", ""),
                in);
        return flink.submit(environment, "edistream").awaitRunning();
    }

    private KafkaOptions options(Topics topics) {
        return new KafkaOptions(
                bootstrapServers, topics, KafkaOptions.DEFAULT_GROUP_ID, StartFrom.EARLIEST, clientProperties);
    }
}
