package io.edistream.jobs;

import io.edistream.schemas.Topics;
import java.util.Map;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where Edistream's topics are: a cluster, and the prefix of their names. */
public final class KafkaArguments {

    @Mixin
    private BrokerArguments brokers = new BrokerArguments();

    @Option(
            names = "--topic-prefix",
            paramLabel = "PREFIX",
            showDefaultValue = Visibility.NEVER,
            description = "Prefix of all topic names. Default: ${DEFAULT-VALUE}")
    private String topicPrefix = Topics.DEFAULT.prefix();

    /** The cluster, for whoever may do without the topics. */
    public BrokerArguments brokers() {
        return brokers;
    }

    /**
     * The brokers, {@code host:port} separated by commas.
     *
     * @throws IllegalArgumentException if they are missing or something else
     */
    public String servers() {
        return brokers.servers();
    }

    /**
     * Further properties of every client.
     *
     * @throws IllegalArgumentException if they are wrong; the message repeats no value
     */
    public Map<String, String> properties() {
        return brokers.properties();
    }

    /**
     * The topics.
     *
     * @throws IllegalArgumentException if no topic may have such a name
     */
    public Topics topics() {
        try {
            return new Topics(topicPrefix);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--" + String.valueOf(e.getMessage()).replace("topic prefix", "topic-prefix"), e);
        }
    }
}
