package io.edistream.benchmarks;

import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedJob;
import io.edistream.jobs.KafkaEnds;
import io.edistream.jobs.KafkaOptions;
import io.edistream.jobs.KafkaOptions.StartFrom;
import io.edistream.jobs.RuntimeOptions;
import io.edistream.jobs.Topology;
import io.edistream.jobs.sequences.SequenceSettings;
import io.edistream.schemas.Topics;
import java.util.Map;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The job as it is: its topology, ends in Kafka and settings, with one task per operator. */
public final class FlinkJob {

    private FlinkJob() {}

    /**
     * Submits the job and returns when all of its tasks run.
     *
     * @param in topics of which it reads token-entropy, from the first record on
     * @param out topics that it writes
     */
    public static EmbeddedJob submit(
            EmbeddedFlink flink, String bootstrapServers, Topics in, Topics out, SequenceSettings settings) {
        StreamExecutionEnvironment environment = flink.environment();
        environment.configure(RuntimeOptions.DEFAULT.configuration());
        Topology.define(
                environment,
                KafkaEnds.source(options(bootstrapServers, in)),
                KafkaEnds.sinks(options(bootstrapServers, out)),
                settings,
                in);
        return flink.submit(environment, "edistream").awaitRunning();
    }

    private static KafkaOptions options(String bootstrapServers, Topics topics) {
        return new KafkaOptions(bootstrapServers, topics, KafkaOptions.DEFAULT_GROUP_ID, StartFrom.EARLIEST, Map.of());
    }
}
