package io.edistream.benchmarks.publishing;

import io.edistream.embedded.EmbeddedKafka;
import io.edistream.schemas.Topics;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A broker with the topics of Edistream in a process of its own, which can be frozen and killed. */
public final class BrokerProcess implements AutoCloseable {

    private static final String READY = "broker: ";

    private final Process process;
    private final String bootstrapServers;

    private BrokerProcess(Process process, String bootstrapServers) {
        this.process = process;
        this.bootstrapServers = bootstrapServers;
    }

    /** Starts one and returns when it answers. */
    public static BrokerProcess start() {
        try {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            BrokerProcess.class.getName())
                    .redirectError(Redirect.DISCARD)
                    .start();
            BufferedReader said =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String line = said.readLine();
            while (line != null && !line.startsWith(READY)) {
                line = said.readLine();
            }
            if (line == null) {
                process.destroyForcibly();
                throw new IllegalStateException("the broker's process ended before it was ready");
            }
            return new BrokerProcess(process, line.substring(READY.length()));
        } catch (IOException e) {
            throw new UncheckedIOException("the broker's process could not be started", e);
        }
    }

    /** Where clients connect, {@code host:port}. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Its connections stay, and it says nothing more. */
    void freeze() {
        try {
            int exitCode = new ProcessBuilder("kill", "-STOP", String.valueOf(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exitCode != 0) {
                throw new IllegalStateException("kill -STOP ended with " + exitCode);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the broker's process could not be frozen: there is no kill", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the broker's process was frozen", e);
        }
    }

    /** Its connections are gone, and new ones are refused. Returns when it is dead. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }

    /** What runs in the process: a broker, until it is killed or whoever started it is gone. Needs no arguments. */
    public static void main(String[] arguments) throws IOException {
        try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
            kafka.createTopics(Topics.DEFAULT, 1);
            System.out.println(READY + kafka.bootstrapServers());
            // Ends with the pipe from the process that started this one.
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
