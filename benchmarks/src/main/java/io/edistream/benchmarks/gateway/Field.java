package io.edistream.benchmarks.gateway;

import io.edistream.benchmarks.publishing.BrokerProcess;
import io.edistream.cli.Edistream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.IntFunction;
import java.util.regex.Pattern;

/** A broker, an engine and the gateway between it and clients, each in a process of its own. */
final class Field implements AutoCloseable {

    private static final String ONE_ENGINE =
            """
            upstreams:
              - {name: engine, url: "http://127.0.0.1:%d", kind: llamacpp, vocabulary: 49152, streams: %d}
            routes:
              - {model: m, upstreams: [{name: engine, model: m}], heartbeats: false}
            """;

    private final Path folder;
    private final BrokerProcess broker;
    private final ServerProcess engine;
    private final ServerProcess gateway;
    private final BlockingQueue<String> closed = new LinkedBlockingQueue<>();

    /**
     * Opens one whose gateway has that engine alone, as model m.
     *
     * @param jvm options of the gateway's Java
     */
    Field(List<String> jvm) throws IOException {
        this(jvm, port -> ONE_ENGINE.formatted(port, LoadClient.MAX_STREAMS));
    }

    /**
     * Opens one.
     *
     * @param jvm options of the gateway's Java
     * @param upstreams and routes of the gateway's configuration, given the port of the engine
     */
    Field(List<String> jvm, IntFunction<String> upstreams) throws IOException {
        folder = Files.createTempDirectory("edistream-gateway-benchmark-");
        broker = BrokerProcess.start();
        try {
            engine = ServerProcess.java(
                    List.of("-Xmx512m"), FakeEngine.class, Pattern.compile(FakeEngine.READY + "(\\d+)"), line -> {
                        if (line.startsWith(FakeEngine.CLOSED)) {
                            closed.add(line.substring(FakeEngine.CLOSED.length()));
                        }
                    });
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
        try {
            Path config = folder.resolve("gateway.yaml");
            Files.writeString(
                    config,
                    "listen: 127.0.0.1:0\n" + upstreams.apply(engine.port())
                            + "limits: {streams: %1$d, streams_per_client: %1$d}\n".formatted(LoadClient.MAX_STREAMS));
            gateway = ServerProcess.java(
                    jvm,
                    Edistream.class,
                    Pattern.compile("base URL http://127\\.0\\.0\\.1:(\\d+)/v1"),
                    line -> {},
                    "gateway",
                    "--bootstrap-servers",
                    broker.bootstrapServers(),
                    "--config",
                    config.toString());
        } catch (IOException | RuntimeException e) {
            engine.close();
            broker.close();
            throw e;
        }
    }

    Path folder() {
        return folder;
    }

    String bootstrapServers() {
        return broker.bootstrapServers();
    }

    ServerProcess engine() {
        return engine;
    }

    ServerProcess gateway() {
        return gateway;
    }

    /** Streams that the engine has seen closed before their end: name and microseconds since 1970. */
    BlockingQueue<String> closed() {
        return closed;
    }

    @Override
    public void close() throws IOException {
        gateway.close();
        engine.close();
        broker.close();
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
