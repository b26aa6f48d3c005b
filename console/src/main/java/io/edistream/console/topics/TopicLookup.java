package io.edistream.console.topics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Which partitions there are of topics that are read, asked again and again. */
public final class TopicLookup {

    private static final int PATIENCE_MILLIS = 4_000;

    private final Admin admin;
    private final List<String> topics;

    /**
     * @param topics full names
     */
    public TopicLookup(Admin admin, List<String> topics) {
        this.admin = admin;
        this.topics = List.copyOf(topics);
    }

    /**
     * What there is.
     *
     * @param partitions of the topics that exist
     * @param missing topics that do not
     * @param hidden topics that this user may not describe
     */
    public record Found(List<TopicPartition> partitions, List<String> missing, List<String> hidden) {

        public Found {
            partitions = List.copyOf(partitions);
            missing = List.copyOf(missing);
            hidden = List.copyOf(hidden);
        }
    }

    /**
     * Asks.
     *
     * @throws KafkaException if no broker answers within 4 s, or refuses
     */
    public Found look() throws InterruptedException {
        List<TopicPartition> partitions = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        List<String> hidden = new ArrayList<>();
        Map<String, KafkaFuture<TopicDescription>> asked = admin.describeTopics(
                        topics, new DescribeTopicsOptions().timeoutMs(PATIENCE_MILLIS))
                .topicNameValues();
        for (String topic : topics) {
            try {
                partitionsOf(asked.get(topic).get()).forEach(partitions::add);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                    missing.add(topic);
                } else if (e.getCause() instanceof TopicAuthorizationException) {
                    hidden.add(topic);
                } else if (e.getCause() instanceof KafkaException refused) {
                    throw refused;
                } else {
                    throw new KafkaException(e.getCause());
                }
            }
        }
        return new Found(partitions, missing, hidden);
    }

    private static Stream<TopicPartition> partitionsOf(TopicDescription topic) {
        return topic.partitions().stream().map(partition -> new TopicPartition(topic.name(), partition.partition()));
    }
}
