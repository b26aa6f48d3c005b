package io.edistream.jobs.topics;

import io.edistream.jobs.properties.SecretMask;
import io.edistream.jobs.topics.TopicState.Presence;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Asks a cluster about topics, by default with patience of ten seconds, and says in sentences why it could not. */
public final class TopicAdmin implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String bootstrapServers;
    private final Admin admin;

    private TopicAdmin(String bootstrapServers, Admin admin) {
        this.bootstrapServers = bootstrapServers;
        this.admin = admin;
    }

    /**
     * A client; the cluster is not asked yet.
     *
     * @param bootstrapServers brokers, {@code host:port} separated by commas
     * @param properties further properties of the client, for instance for TLS and SASL
     * @throws KafkaRefusal if a property is wrong, or no broker's name can be resolved
     */
    public static TopicAdmin connect(String bootstrapServers, Map<String, String> properties) {
        return connect(bootstrapServers, properties, PATIENCE);
    }

    /**
     * A client with patience of its own; the cluster is not asked yet.
     *
     * @param bootstrapServers brokers, {@code host:port} separated by commas
     * @param properties further properties of the client, for instance for TLS and SASL
     * @param patience how long each question waits for its answer
     * @throws KafkaRefusal if a property is wrong, or no broker's name can be resolved
     */
    public static TopicAdmin connect(String bootstrapServers, Map<String, String> properties, Duration patience) {
        int patienceMillis = Math.toIntExact(patience.toMillis());
        Map<String, Object> config = new HashMap<>(properties);
        config.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, patienceMillis);
        config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, patienceMillis);
        try {
            return new TopicAdmin(bootstrapServers, Admin.create(config));
        } catch (KafkaException e) {
            // Without its cause: whoever prints that prints the value of a property.
            throw KafkaRefusal.wrongOption(
                    "Kafka at " + bootstrapServers + ": "
                            + SecretMask.of(properties).hide(reason(e)),
                    null);
        }
    }

    /** What lies below Kafka's own exceptions, which only say that it failed to make one thing or another. */
    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof KafkaException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    /** The client itself. */
    public Admin admin() {
        return admin;
    }

    /**
     * What the cluster says of topics, in the order of their names.
     *
     * @throws KafkaRefusal if it does not answer
     */
    public Map<String, TopicState> look(List<String> names) throws InterruptedException {
        Map<String, TopicState> states = new LinkedHashMap<>();
        Map<String, KafkaFuture<TopicDescription>> asked =
                admin.describeTopics(names).topicNameValues();
        Map<String, TopicDescription> existing = new LinkedHashMap<>();
        for (String name : names) {
            states.put(name, TopicState.absent(name, Presence.MISSING));
            try {
                existing.put(name, asked.get(name).get());
            } catch (ExecutionException e) {
                if (e.getCause() instanceof AuthorizationException) {
                    states.put(name, TopicState.absent(name, Presence.HIDDEN));
                } else if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw refusal(e);
                }
            }
        }
        Map<String, Map<String, String>> settings = settings(existing.keySet());
        existing.forEach((name, topic) -> states.put(
                name,
                new TopicState(
                        name,
                        Presence.EXISTS,
                        topic.partitions().size(),
                        topic.partitions().get(0).replicas().size(),
                        Optional.ofNullable(settings.get(name)))));
        return states;
    }

    /** Those that the user may see. A topic that is gone by now is taken out of the names. */
    private Map<String, Map<String, String>> settings(Set<String> names) throws InterruptedException {
        Map<ConfigResource, KafkaFuture<Config>> asked = admin.describeConfigs(names.stream()
                        .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                        .toList())
                .values();
        Map<String, Map<String, String>> settings = new HashMap<>();
        for (Map.Entry<ConfigResource, KafkaFuture<Config>> topic : asked.entrySet()) {
            try {
                Map<String, String> ofTopic = new HashMap<>();
                for (ConfigEntry entry : topic.getValue().get().entries()) {
                    if (entry.value() != null) {
                        ofTopic.put(entry.name(), entry.value());
                    }
                }
                settings.put(topic.getKey().name(), ofTopic);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                    names.remove(topic.getKey().name());
                } else if (!(e.getCause() instanceof AuthorizationException)) {
                    throw refusal(e);
                }
            }
        }
        return settings;
    }

    /**
     * The answer to a question.
     *
     * @throws KafkaRefusal if there is none
     */
    public <T> T answer(KafkaFuture<T> asked) throws InterruptedException {
        try {
            return asked.get();
        } catch (ExecutionException e) {
            throw refusal(e);
        }
    }

    /** Why a question got no answer, in a sentence. */
    public KafkaRefusal refusal(ExecutionException failure) {
        Throwable cause = failure.getCause();
        String kafka = "Kafka at " + bootstrapServers;
        if (cause instanceof AuthenticationException) {
            return KafkaRefusal.wrongOption(
                    kafka + " refuses the login of --kafka-config or --kafka-property: " + cause.getMessage(), cause);
        }
        if (cause instanceof AuthorizationException) {
            return KafkaRefusal.failure(
                    kafka + " does not allow this to the user of --kafka-config or --kafka-property: "
                            + cause.getMessage(),
                    cause);
        }
        String what = cause instanceof RetriableException ? " does not answer: " : " refuses: ";
        return KafkaRefusal.failure(kafka + what + cause.getMessage(), cause);
    }

    @Override
    public void close() {
        admin.close();
    }
}
