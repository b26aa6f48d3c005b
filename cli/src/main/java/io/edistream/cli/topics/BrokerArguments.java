package io.edistream.cli.topics;

import io.edistream.cli.UserError;
import io.edistream.jobs.topics.KafkaRefusal;
import io.edistream.jobs.topics.TopicAdmin;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a cluster is and how to get in. */
final class BrokerArguments {

    private static final String SERVERS = "[^,\\s]+:\\d+(,[^,\\s]+:\\d+)*";

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            description = "Kafka brokers, separated by commas.")
    private @Nullable String bootstrapServers;

    @Option(
            names = "--kafka-property",
            paramLabel = "KEY=VALUE",
            description = "Property of the Kafka client, for instance for TLS; may be repeated.")
    private Map<String, String> properties = new LinkedHashMap<>();

    /** Work with a cluster. */
    @FunctionalInterface
    interface Work {

        /** Does it; the result is the exit code. */
        int with(TopicAdmin admin) throws InterruptedException;
    }

    /** The brokers, if they were given. */
    Optional<String> givenServers() {
        if (bootstrapServers != null && !bootstrapServers.matches(SERVERS)) {
            throw UserError.wrongRequest(
                    "--bootstrap-servers '" + bootstrapServers + "': must be host:port, several separated by commas");
        }
        return Optional.ofNullable(bootstrapServers);
    }

    /** The brokers, without which the command is of no use. */
    String servers() {
        return givenServers()
                .orElseThrow(() -> UserError.wrongRequest(
                        "--bootstrap-servers is missing: must be host:port, several" + " separated by commas"));
    }

    Map<String, String> properties() {
        return properties;
    }

    /**
     * Does something with the cluster.
     *
     * @throws UserError if it cannot be asked or refuses
     */
    int connected(Work work) throws InterruptedException {
        try (TopicAdmin admin = TopicAdmin.connect(servers(), properties)) {
            return work.with(admin);
        } catch (KafkaRefusal e) {
            throw UserError.of(e.isWrongOption(), String.valueOf(e.getMessage()));
        }
    }
}
