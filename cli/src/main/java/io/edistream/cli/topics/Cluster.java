package io.edistream.cli.topics;

import io.edistream.cli.UserError;
import io.edistream.jobs.BrokerArguments;
import io.edistream.jobs.topics.KafkaRefusal;
import io.edistream.jobs.topics.TopicAdmin;

/** Work with a cluster, whose refusals are for people to read. */
final class Cluster {

    private Cluster() {}

    /** Work with a cluster. */
    @FunctionalInterface
    interface Work {

        /** Does it; the result is the exit code. */
        int with(TopicAdmin admin) throws InterruptedException;
    }

    /**
     * Does something with the cluster.
     *
     * @throws UserError if it is not named, cannot be asked or refuses
     */
    static int connected(BrokerArguments brokers, Work work) throws InterruptedException {
        try (TopicAdmin admin =
                TopicAdmin.connect(UserError.checked(brokers::servers), UserError.checked(brokers::properties))) {
            return work.with(admin);
        } catch (KafkaRefusal e) {
            throw UserError.of(e.isWrongOption(), String.valueOf(e.getMessage()));
        }
    }
}
