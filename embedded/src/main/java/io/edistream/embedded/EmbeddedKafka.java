package io.edistream.embedded;

import io.edistream.schemas.TopicPlan;
import io.edistream.schemas.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka broker in this JVM: one KRaft node that is broker and controller, on ports of the loopback interface, with
 * its data in a temporary directory that is deleted on {@link #close}.
 *
 * <p>For the demo and for tests: one replica of everything, no authentication unless settings ask for it, and a full disk ends the JVM as it ends
 * any Kafka broker. Several can run in one JVM. Not thread-safe, but any number of clients may use the broker.
 */
public final class EmbeddedKafka implements AutoCloseable {

    private static final int ANY_PORT = 0;
    private static final String MAX_PARTITION_BYTES = String.valueOf(256 << 20);
    private static final String SEGMENT_BYTES = String.valueOf(32 << 20);

    private final TemporaryDirectory directory;
    private final LoopbackPort clientPort;
    private final LoopbackPort controllerPort;
    private final Map<String, String> settings;
    private final Map<String, String> login;
    private @Nullable KafkaNode node;
    private boolean closed;

    private EmbeddedKafka(
            TemporaryDirectory directory,
            LoopbackPort clientPort,
            LoopbackPort controllerPort,
            Map<String, String> settings,
            Map<String, String> login) {
        this.settings = Map.copyOf(settings);
        this.login = Map.copyOf(login);
        this.directory = directory;
        this.clientPort = clientPort;
        this.controllerPort = controllerPort;
    }

    /**
     * Starts a broker on a free port and returns when it answers.
     *
     * @throws IllegalStateException if it does not within 60 s
     * @throws java.io.UncheckedIOException if the temporary directory cannot be written
     */
    public static EmbeddedKafka start() {
        return start(ANY_PORT);
    }

    /**
     * Starts a broker on a port of your choice and returns when it answers.
     *
     * @param port TCP port for clients, 1 to 65535, or 0 for any free one
     * @throws IllegalStateException if it does not within 60 s
     * @throws java.io.UncheckedIOException if the port is taken or the temporary directory cannot be written
     */
    public static EmbeddedKafka start(int port) {
        return start(port, Map.of(), Map.of());
    }

    /**
     * Starts a broker with settings of your own on a free port and returns when it answers.
     *
     * @param settings broker settings that go before the ones this class sets, for instance an authorizer
     * @throws IllegalStateException if it does not within 60 s
     * @throws java.io.UncheckedIOException if the temporary directory cannot be written
     */
    public static EmbeddedKafka start(Map<String, String> settings) {
        return start(settings, Map.of());
    }

    /**
     * Starts a broker that wants a login on a free port and returns when it answers.
     *
     * @param settings broker settings that go before the ones this class sets; the listener of clients, which the broker
     *     uses itself, is named PLAINTEXT whatever {@code listener.security.protocol.map} makes of it
     * @param login client properties with which this class gets in
     * @throws IllegalStateException if it does not within 60 s
     * @throws java.io.UncheckedIOException if the temporary directory cannot be written
     */
    public static EmbeddedKafka start(Map<String, String> settings, Map<String, String> login) {
        return start(ANY_PORT, settings, login);
    }

    private static EmbeddedKafka start(int port, Map<String, String> settings, Map<String, String> login) {
        LoopbackPort clientPort = new LoopbackPort(port);
        LoopbackPort controllerPort = new LoopbackPort(ANY_PORT);
        TemporaryDirectory directory;
        try {
            directory = new TemporaryDirectory("edistream-kafka-");
        } catch (RuntimeException e) {
            Closing.all(Optional.of(e), controllerPort, clientPort);
            throw e;
        }
        EmbeddedKafka kafka = new EmbeddedKafka(directory, clientPort, controllerPort, settings, login);
        try {
            KafkaNode.format(directory.path());
            kafka.startBroker();
            return kafka;
        } catch (RuntimeException e) {
            Closing.all(Optional.of(e), kafka);
            throw e;
        } catch (LinkageError e) {
            // Kafka's classes cannot be initialised in a JVM that is ending, for instance.
            Closing.all(Optional.of(new IllegalStateException(e)), kafka);
            throw e;
        }
    }

    /** Where clients connect, {@code host:port}; the same after a restart. */
    public String bootstrapServers() {
        return LoopbackPort.HOST + ":" + clientPort.number();
    }

    /**
     * Creates the topics of Edistream and returns when all of them can be used; those that exist stay as they are.
     *
     * <p>They are those that a job and a source need, with the settings of the {@link TopicPlan}; a partition also keeps
     * at most some 256 MiB.
     *
     * @param topics their names
     * @param generatorPartitions partitions of the two topics that are keyed by generator, token-entropy and control;
     *     the others get one
     * @throws IllegalArgumentException if there would be less than one partition
     * @throws IllegalStateException if the broker does not answer within 60 s
     */
    public void createTopics(Topics topics, int generatorPartitions) {
        if (generatorPartitions < 1) {
            throw new IllegalArgumentException("generatorPartitions " + generatorPartitions + ": at least 1 is needed");
        }
        TopicPlan plan = TopicPlan.of(topics);
        List<NewTopic> wanted = new ArrayList<>();
        for (String name : topics.required()) {
            boolean keyedByGenerator = name.equals(topics.tokenEntropy()) || name.equals(topics.control());
            Map<String, String> settings = new HashMap<>(plan.of(name).settings());
            settings.put(TopicConfig.RETENTION_BYTES_CONFIG, MAX_PARTITION_BYTES);
            settings.put(TopicConfig.SEGMENT_BYTES_CONFIG, SEGMENT_BYTES);
            wanted.add(new NewTopic(name, keyedByGenerator ? generatorPartitions : 1, (short) 1).configs(settings));
        }
        try (Admin admin = admin()) {
            admin.createTopics(wanted)
                    .values()
                    .forEach((name, created) -> Waiting.get(
                            created.toCompletionStage()
                                    .exceptionally(EmbeddedKafka::ignoreExisting)
                                    .toCompletableFuture(),
                            Waiting.LIMIT,
                            "creating topic " + name));
            // The controller has them now; what clients ask is the broker, which learns of them a moment later, and
            // lists them a moment before their partitions answer. What is sent in between can be lost.
            Waiting.until(
                    () -> answer(admin, topics.required()),
                    Waiting.LIMIT,
                    () -> "the partitions of its topics do not answer");
        }
    }

    /**
     * Stops the broker and keeps its data and its port, so that clients see a broker that is gone and may come back.
     *
     * @throws IllegalStateException if it is not running
     */
    public void stopBroker() {
        if (node == null) {
            throw new IllegalStateException("the broker is not running");
        }
        KafkaNode stopped = node;
        node = null;
        Closing.all(Optional.empty(), stopped, clientPort::rest, controllerPort::rest);
    }

    /**
     * Starts the broker that was stopped, on the same port and with the same data, and returns when it answers.
     *
     * @throws IllegalStateException if it is running or closed, or does not answer within 60 s
     */
    public void startBroker() {
        if (closed || node != null) {
            throw new IllegalStateException("the broker is " + (closed ? "closed" : "running already"));
        }
        node = KafkaNode.start(directory.path(), clientPort, controllerPort, settings);
        awaitReady();
    }

    /** Stops the broker if it runs, deletes its data and gives its port back. Further calls do nothing. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        KafkaNode stopped = node;
        node = null;
        Closing.all(Optional.empty(), stopped == null ? () -> {} : stopped, clientPort, controllerPort, directory);
    }

    private void awaitReady() {
        try (Admin admin = admin()) {
            Waiting.until(
                    () -> !Waiting.get(
                                    admin.describeCluster().nodes(), Waiting.LIMIT, "asking the broker for its nodes")
                            .isEmpty(),
                    Waiting.LIMIT,
                    () -> "the broker on " + bootstrapServers() + " lists no node");
        }
    }

    private Admin admin() {
        Map<String, Object> properties = new HashMap<>(login);
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers());
        return Admin.create(properties);
    }

    /** Whether every partition of the topics answers a request that only its leader can answer. */
    private static boolean answer(Admin admin, List<String> names) {
        try {
            Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
            admin.describeTopics(names).allTopicNames().get().forEach((name, topic) -> topic.partitions()
                    .forEach(partition ->
                            partitions.put(new TopicPartition(name, partition.partition()), OffsetSpec.latest())));
            admin.listOffsets(partitions).all().get();
            return true;
        } catch (ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for topics", e);
        }
    }

    private static @Nullable Void ignoreExisting(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        if (cause instanceof TopicExistsException || failure instanceof TopicExistsException) {
            return null;
        }
        throw new IllegalStateException(cause);
    }
}
