package io.edistream.jobs;

import io.edistream.jobs.properties.ClientProperties;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** Where a Kafka cluster is and how to get in: options of every command that needs one. */
public final class BrokerArguments {

    private static final String SERVERS = "bootstrap.servers";

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
            description = "Property of all Kafka clients; may be repeated, and goes before --kafka-config.")
    private List<String> typed = new ArrayList<>();

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            showDefaultValue = Visibility.NEVER,
            description =
                    "File with properties of all Kafka clients, for logins and TLS: what a command line says, others"
                            + " see. $${file:PATH:KEY} in it takes a value from a second file.")
    private @Nullable Path file;

    private @Nullable Map<String, String> properties;

    /**
     * The brokers, if they were given, as an option or else as a property.
     *
     * @throws IllegalArgumentException if they are not {@code host:port}, or the properties are wrong
     */
    public Optional<String> givenServers() {
        Optional<String> typedServers = Optional.ofNullable(servers).map(KafkaOptions::checkedServers);
        // With the servers, so that nobody connects anywhere with properties that are wrong.
        Map<String, String> checked = all();
        return typedServers.or(() -> Optional.ofNullable(checked.get(SERVERS)).map(KafkaOptions::checkedServers));
    }

    /**
     * The brokers, for whoever cannot do without.
     *
     * @throws IllegalArgumentException if they are missing or not {@code host:port}, or the properties are wrong
     */
    public String servers() {
        return givenServers()
                .orElseThrow(() -> new IllegalArgumentException(
                        "--bootstrap-servers is missing: must be host:port, several separated by commas"));
    }

    /**
     * Further properties of every client, those of the file included; secrets that they refer to are not in them.
     *
     * @throws IllegalArgumentException if the file cannot be used, or a property is one that Kafka would refuse or, in
     *     matters of security, ignore; the message repeats no value
     */
    public Map<String, String> properties() {
        Map<String, String> further = new LinkedHashMap<>(all());
        further.remove(SERVERS);
        return further;
    }

    /** Read once, so that every client of a command gets the same. */
    private Map<String, String> all() {
        Map<String, String> known = properties;
        if (known == null) {
            known = ClientProperties.of(file, typed);
            properties = known;
        }
        return known;
    }
}
