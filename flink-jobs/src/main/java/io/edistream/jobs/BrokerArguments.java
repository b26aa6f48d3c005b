package io.edistream.jobs;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** Where a Kafka cluster is and how to get in: options of every command that needs one. */
public final class BrokerArguments {

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            showDefaultValue = Visibility.NEVER,
            description = "Kafka brokers, separated by commas.")
    private @Nullable String servers;

    @Option(
            names = "--kafka-property",
            paramLabel = "KEY=VALUE",
            showDefaultValue = Visibility.NEVER,
            description = "Property of all Kafka clients, for instance for TLS; may be repeated.")
    private Map<String, String> properties = new LinkedHashMap<>();

    /**
     * The brokers, if they were given.
     *
     * @throws IllegalArgumentException if they are not {@code host:port}
     */
    public Optional<String> givenServers() {
        return Optional.ofNullable(servers).map(KafkaOptions::checkedServers);
    }

    /**
     * The brokers, for whoever cannot do without.
     *
     * @throws IllegalArgumentException if they are missing, or not {@code host:port}
     */
    public String servers() {
        return givenServers()
                .orElseThrow(() -> new IllegalArgumentException(
                        "--bootstrap-servers is missing: must be host:port, several separated by commas"));
    }

    /** Further properties of every client. */
    public Map<String, String> properties() {
        return properties;
    }
}
