package io.edistream.cli.tail;

import io.edistream.cli.UserError;
import io.edistream.jobs.topics.KafkaRefusal;
import io.edistream.jobs.topics.TopicAdmin;
import io.edistream.jobs.topics.TopicCheck;
import io.edistream.jobs.topics.TopicState;
import io.edistream.jobs.topics.TopicState.Presence;
import io.edistream.schemas.Topics;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;

/** The partitions of topics that a command reads, all of which must be there. */
public final class ReadTopics {

    private ReadTopics() {}

    /**
     * Looks them up.
     *
     * @param servers brokers, {@code host:port} separated by commas
     * @param properties further properties of the client
     * @param topics whose prefix the names have
     * @param names full names, at least one
     * @throws UserError if one is missing or may not be seen, with what helps; or if Kafka refuses
     */
    public static List<TopicPartition> partitions(
            String servers, Map<String, String> properties, Topics topics, List<String> names)
            throws InterruptedException {
        try (TopicAdmin admin = TopicAdmin.connect(servers, properties)) {
            Collection<TopicState> states = admin.look(names).values();
            require(servers, topics, states);
            return states.stream()
                    .flatMap(topic -> IntStream.range(0, topic.partitions())
                            .mapToObj(partition -> new TopicPartition(topic.name(), partition)))
                    .toList();
        } catch (KafkaRefusal e) {
            throw UserError.of(e.isWrongOption(), String.valueOf(e.getMessage()));
        }
    }

    private static void require(String servers, Topics topics, Collection<TopicState> states) {
        List<String> hidden = named(states, Presence.HIDDEN);
        if (!hidden.isEmpty()) {
            throw UserError.failedWork(
                    "Kafka at " + servers + " does not let the user of --kafka-config or --kafka-property describe "
                            + String.join(", ", hidden));
        }
        List<String> missing = named(states, Presence.MISSING);
        if (!missing.isEmpty()) {
            boolean only = states.size() == 1;
            throw UserError.failedWork("Kafka at " + servers + " lacks " + (only ? "the topic " : "")
                    + String.join(", ", missing) + "; another --topic-prefix, or create "
                    + (only ? "it" : "what is missing") + " with: edistream topics --create"
                    + TopicCheck.options(servers, topics));
        }
    }

    private static List<String> named(Collection<TopicState> states, Presence presence) {
        return states.stream()
                .filter(state -> state.presence() == presence)
                .map(TopicState::name)
                .toList();
    }
}
