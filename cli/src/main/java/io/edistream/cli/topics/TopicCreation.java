package io.edistream.cli.topics;

import io.edistream.cli.UserError;
import io.edistream.jobs.topics.TopicAdmin;
import io.edistream.schemas.RecordLimits;
import io.edistream.schemas.TopicSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates topics and waits until they can be used. */
final class TopicCreation {

    private static final long READY_SECONDS = 60;
    private static final long LOOK_MILLIS = 50;

    private final TopicAdmin kafka;
    private final Optional<Short> replicationFactor;

    /**
     * @param kafka where
     * @param replicationFactor copies of each partition; empty for the broker's default
     */
    TopicCreation(TopicAdmin kafka, Optional<Short> replicationFactor) {
        this.kafka = kafka;
        this.replicationFactor = replicationFactor;
    }

    /**
     * Creates one.
     *
     * @return false if somebody else did so meanwhile
     * @throws UserError if the cluster refuses it
     * @throws io.edistream.jobs.topics.KafkaRefusal if it does not answer
     */
    boolean create(TopicSettings topic) throws InterruptedException {
        NewTopic wanted = new NewTopic(topic.name(), Optional.of(topic.partitions()), replicationFactor)
                .configs(topic.settings());
        CreateTopicsResult asked = kafka.admin().createTopics(List.of(wanted));
        try {
            asked.all().get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return false;
            }
            throw explained(topic.name(), e);
        }
    }

    private RuntimeException explained(String name, ExecutionException failure) {
        Throwable cause = failure.getCause();
        String reason = "topic " + name + " cannot be created: ";
        if (cause instanceof InvalidReplicationFactorException) {
            return UserError.wrongRequest(reason
                    + replicationFactor
                            .map(factor -> "--replication-factor " + factor + ": ")
                            .orElse("the broker's default, which --replication-factor changes: ")
                    + cause.getMessage());
        }
        if (cause instanceof AuthorizationException) {
            return UserError.failedWork(
                    reason + "the user of --kafka-config or --kafka-property lacks the right CREATE on it;"
                            + " --print shows the commands for somebody who has it");
        }
        if (cause instanceof InvalidConfigurationException) {
            boolean old = String.valueOf(cause.getMessage()).contains(RecordLimits.SETTING);
            return UserError.failedWork(reason
                    + cause.getMessage()
                    + (old ? "; brokers before 4.2 do not know this setting, which readers need" : ""));
        }
        if (cause instanceof PolicyViolationException) {
            return UserError.failedWork(reason + "the cluster's policy forbids it: " + cause.getMessage());
        }
        return kafka.refusal(failure);
    }

    /**
     * Returns when every partition answers, which only its leader can: a topic is listed before, and what is sent in
     * between can be lost.
     *
     * @return false if the user has no right to ask
     * @throws UserError if some do not within a minute
     */
    boolean awaitLeaders(List<String> names) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
        while (true) {
            try {
                Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
                Map<String, TopicDescription> topics =
                        kafka.admin().describeTopics(names).allTopicNames().get();
                topics.forEach((name, topic) -> topic.partitions()
                        .forEach(partition ->
                                partitions.put(new TopicPartition(name, partition.partition()), OffsetSpec.latest())));
                kafka.admin().listOffsets(partitions).all().get();
                return true;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof AuthorizationException) {
                    return false;
                }
                if (System.nanoTime() - deadline > 0) {
                    throw UserError.failedWork("the topics were created, but after " + READY_SECONDS
                            + " s not all partitions answer: " + e.getCause().getMessage());
                }
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }
}
