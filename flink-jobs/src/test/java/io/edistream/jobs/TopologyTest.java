package io.edistream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.sequences.JobIdentity;
import io.edistream.jobs.watch.WatchSettings;
import org.apache.flink.api.java.typeutils.runtime.kryo.KryoSerializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;

class TopologyTest {

    private static StreamGraph graph() {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2);
        EdistreamJob.define(
                environment,
                new JobOptions(
                        KafkaOptions.of("localhost:9092"),
                        new JobIdentity("test", "0"),
                        WatchSettings.DEFAULT,
                        RuntimeOptions.DEFAULT));
        return environment.getStreamGraph();
    }

    @Test
    void everyOperatorHasAStableIdAndAName() {
        assertThat(graph().getStreamNodes()).isNotEmpty().allSatisfy(node -> assertThat(node.getTransformationUID())
                .as(node.getOperatorName())
                .isNotNull());
        assertThat(graph().getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .doesNotHaveDuplicates()
                .contains("token-entropy", "watch");
    }

    @Test
    void nothingIsSerializedByKryo() {
        assertThat(graph().getStreamNodes()).allSatisfy(node -> {
            assertThat(node.getTypeSerializerOut()).isNotInstanceOf(KryoSerializer.class);
            assertThat(node.getTypeSerializersIn())
                    .allSatisfy(serializer -> assertThat(serializer).isNotInstanceOf(KryoSerializer.class));
        });
    }
}
