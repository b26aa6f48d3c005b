package io.edistream.benchmarks.latency;

import io.edistream.cli.Edistream;
import io.edistream.console.exporter.Exporter;
import io.edistream.console.exporter.LoopMetrics;
import io.edistream.console.topics.Beginning;
import io.edistream.console.topics.Onlooker;
import io.edistream.console.topics.TopicLookup;
import io.edistream.http.ListenAddress;
import io.edistream.http.ProcessState;
import io.edistream.http.RegistryScrape;
import io.edistream.http.StatusLimits;
import io.edistream.http.StatusServer;
import io.edistream.schemas.Topics;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import picocli.CommandLine;

/** Who may look at a loop, each in the loop's own JVM until it is closed. */
final class Onlookers {

    private Onlookers() {}

    /** Somebody who looks. */
    @FunctionalInterface
    interface Onlooking {

        /** Looks no more. */
        void close();
    }

    /** The exporter, reading along. */
    static Onlooking exporter(String servers, Topics topics) throws InterruptedException {
        CountDownLatch reads = new CountDownLatch(1);
        CountDownLatch enough = new CountDownLatch(1);
        Thread exporting = start("exporter", () -> {
            LoopMetrics metrics = new LoopMetrics(new PrometheusRegistry(), topics, System::nanoTime);
            try (Consumer<byte[], byte[]> consumer = Onlooker.consumer(servers, Map.of());
                    Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers))) {
                TopicLookup lookup = new TopicLookup(admin, LoopMetrics.read(topics));
                Exporter exporter =
                        new Exporter(consumer, lookup, topics, Beginning.LATEST, metrics, said -> {}, System::nanoTime);
                exporter.run(() -> {
                    if (!consumer.assignment().isEmpty()) {
                        reads.countDown();
                    }
                    return enough.getCount() > 0;
                });
            }
        });
        reads.await();
        return () -> {
            enough.countDown();
            join(exporting);
        };
    }

    /** A {@code watch} and a {@code tail} on terminals that take no more, as after Ctrl-S. */
    static Onlooking stoppedTerminals(String servers, Topics topics) throws InterruptedException {
        CountDownLatch stopped = new CountDownLatch(2);
        CountDownLatch goOn = new CountDownLatch(1);
        String[] where = {"--bootstrap-servers", servers, "--topic-prefix", topics.prefix()};
        List<Thread> terminals = List.of(
                start("watch", () -> run(new StoppedTerminal(stopped, goOn), where, "watch", "--from", "earliest")),
                start(
                        "tail",
                        () -> run(
                                new StoppedTerminal(stopped, goOn),
                                where,
                                "tail",
                                "scores",
                                "--follow",
                                "--from",
                                "earliest")));
        stopped.await();
        return () -> {
            goOn.countDown();
            terminals.forEach(Thread::interrupt);
            terminals.forEach(Onlookers::join);
        };
    }

    private static void run(Writer terminal, String[] where, String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of(where));
        CommandLine line = Edistream.commandLine().setErr(new PrintWriter(new StringWriter()));
        line.setOut(new PrintWriter(terminal));
        int unused = line.execute(all.toArray(String[]::new));
    }

    /** {@link HostileScrapes} of a source's page. */
    static Onlooking hostileScrapes() throws IOException, InterruptedException {
        PrometheusRegistry registry = new PrometheusRegistry();
        GeneratorMetrics metrics = new GeneratorMetrics(registry);
        for (int route = 0; route < 10; route++) {
            metrics.ledger("model", "route" + route).started(1);
        }
        StatusServer server = StatusServer.open(
                ListenAddress.parse("address", "127.0.0.1:0"),
                new RegistryScrape(registry),
                new AlwaysWell(),
                StatusLimits.defaults());
        HostileScrapes scrapes = new HostileScrapes(server.address().port());
        scrapes.awaitAnswer();
        return () -> {
            scrapes.close();
            server.close();
        };
    }

    private static Thread start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.start();
        return thread;
    }

    static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class AlwaysWell implements ProcessState {

        @Override
        public boolean isAlive() {
            return true;
        }

        @Override
        public List<Check> checks() {
            return List.of();
        }
    }

    /** Takes nothing until it may go on. */
    private static final class StoppedTerminal extends Writer {

        private final CountDownLatch stopped;
        private final CountDownLatch goOn;

        StoppedTerminal(CountDownLatch stopped, CountDownLatch goOn) {
            this.stopped = stopped;
            this.goOn = goOn;
        }

        @Override
        public void write(char[] characters, int offset, int length) {
            stopped.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
