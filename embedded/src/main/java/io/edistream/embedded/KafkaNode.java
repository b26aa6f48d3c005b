package io.edistream.embedded;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.SharedServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.apache.kafka.server.fault.LoggingFaultHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a KRaft node, put together from the broker's own parts and not by {@link KafkaRaftServer}: that one opens
 * its ports itself, so a free number could be taken before it does, and ends the JVM when something in it fails.
 */
final class KafkaNode implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaNode.class);
    private static final int NODE_ID = 1;
    private static final String CLIENTS = "PLAINTEXT";
    private static final String CONTROLLER = "CONTROLLER";
    private static final Duration SHUTDOWN_LIMIT = Duration.ofSeconds(30);

    private final Metrics metrics;
    private final BrokerServer broker;
    private final ControllerServer controller;

    private KafkaNode(Metrics metrics, BrokerServer broker, ControllerServer controller) {
        this.metrics = metrics;
        this.broker = broker;
        this.controller = controller;
    }

    /** Makes an empty directory one that a node can start from. */
    static void format(Path directory) {
        try (PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(nowhere)
                    .setNodeId(NODE_ID)
                    .setClusterId(Uuid.randomUuid().toString())
                    .addDirectory(directory.toString())
                    .setMetadataLogDirectory(directory.toString())
                    .setControllerListenerName(CONTROLLER)
                    .setReleaseVersion(MetadataVersion.latestProduction())
                    .run();
        } catch (Exception e) {
            throw new IllegalStateException("Kafka could not set up its data in " + directory + ": " + e, e);
        }
    }

    /**
     * Starts a node on formatted data; it listens on both ports when this returns.
     *
     * @param own settings that go before the usual ones
     */
    static KafkaNode start(
            Path directory, LoopbackPort clientPort, LoopbackPort controllerPort, Map<String, String> own) {
        Map<String, String> settings = settings(directory, clientPort, controllerPort);
        settings.putAll(own);
        KafkaConfig config = new KafkaConfig(settings, false);
        var data = KafkaRaftServer.initializeLogDirs(config, LOG, "");
        Map<String, ServerSocketChannel> bound =
                Map.of(CLIENTS, clientPort.listen(), CONTROLLER, controllerPort.listen());
        Metrics metrics = new Metrics();
        SharedServer shared = new SharedServer(
                config,
                data._1(),
                Time.SYSTEM,
                metrics,
                CompletableFuture.completedFuture(Map.of(NODE_ID, controllerPort.address())),
                List.of(),
                (name, fatal, action) -> new LoggingFaultHandler(name, action),
                (listener, address, backlog, receiveBufferBytes) -> bound.get(listener));
        KafkaNode node = new KafkaNode(
                metrics,
                new BrokerServer(shared),
                new ControllerServer(shared, KafkaRaftServer.configSchema(), data._2()));
        try {
            node.controller.startup();
            node.broker.startup();
            return node;
        } catch (RuntimeException e) {
            IllegalStateException failure =
                    new IllegalStateException("the embedded Kafka broker did not start: " + e.getMessage(), e);
            Closing.all(Optional.of(failure), node, clientPort::rest, controllerPort::rest);
            throw failure;
        }
    }

    @Override
    public void close() {
        Closing.all(Optional.empty(), () -> broker.shutdown(SHUTDOWN_LIMIT), controller::shutdown, metrics);
    }

    private static Map<String, String> settings(Path directory, LoopbackPort clientPort, LoopbackPort controllerPort) {
        String clients = CLIENTS + "://" + LoopbackPort.HOST + ":" + clientPort.number();
        String controllers = LoopbackPort.HOST + ":" + controllerPort.number();
        Map<String, String> settings = new HashMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", String.valueOf(NODE_ID));
        settings.put("listeners", clients + "," + CONTROLLER + "://" + controllers);
        settings.put("advertised.listeners", clients);
        settings.put("listener.security.protocol.map", CLIENTS + ":PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
        settings.put("inter.broker.listener.name", CLIENTS);
        settings.put("controller.listener.names", CONTROLLER);
        settings.put("controller.quorum.voters", NODE_ID + "@" + controllers);
        settings.put("server.max.startup.time.ms", String.valueOf(Waiting.LIMIT.toMillis()));
        settings.put("log.dirs", directory.toString());
        // A misspelt topic name is an error here, not a new topic.
        settings.put("auto.create.topics.enable", "false");
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.putAll(oneReplica());
        settings.putAll(smallFootprint());
        return settings;
    }

    private static Map<String, String> oneReplica() {
        return Map.of(
                "offsets.topic.replication.factor", "1",
                "transaction.state.log.replication.factor", "1",
                "transaction.state.log.min.isr", "1",
                "share.coordinator.state.topic.replication.factor", "1",
                "share.coordinator.state.topic.min.isr", "1");
    }

    private static Map<String, String> smallFootprint() {
        return Map.ofEntries(
                Map.entry("offsets.topic.num.partitions", "1"),
                Map.entry("transaction.state.log.num.partitions", "1"),
                Map.entry("share.coordinator.state.topic.num.partitions", "1"),
                Map.entry("num.network.threads", "2"),
                Map.entry("num.io.threads", "4"),
                Map.entry("background.threads", "2"),
                Map.entry("group.coordinator.threads", "1"),
                Map.entry("share.coordinator.threads", "1"),
                Map.entry("log.cleaner.dedupe.buffer.size", String.valueOf(2 << 20)),
                Map.entry("log.cleaner.io.buffer.size", String.valueOf(128 << 10)),
                Map.entry("log.index.size.max.bytes", String.valueOf(1 << 20)));
    }
}
