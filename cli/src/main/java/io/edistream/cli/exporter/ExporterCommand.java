package io.edistream.cli.exporter;

import io.edistream.cli.Edistream;
import io.edistream.cli.Interruption;
import io.edistream.cli.MetricsEndpoint;
import io.edistream.cli.UserError;
import io.edistream.cli.tail.FromArguments;
import io.edistream.console.exporter.Exporter;
import io.edistream.console.exporter.LoopMetrics;
import io.edistream.console.topics.Beginning;
import io.edistream.console.topics.Onlooker;
import io.edistream.console.topics.TopicLookup;
import io.edistream.http.StatusServer;
import io.edistream.jobs.KafkaArguments;
import io.edistream.jobs.properties.SecretMask;
import io.edistream.schemas.Topics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the distributions of what the topics hold to Prometheus. */
@Command(
        name = "exporter",
        description = {
            "Shows what your topics add up to, by model and route, to Prometheus: EDIS and entropy at the end, tokens,"
                    + " commands and what became of them, reactions. Until Ctrl-C.",
            "",
            "It joins no consumer group and commits nothing. Brokers and topics that are not there are waited for."
                    + " docs/metrics.md says what it shows."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Edistream.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:ended by Ctrl-C", "2:an option is wrong"})
public final class ExporterCommand implements Callable<Integer> {

    @Mixin
    private KafkaArguments kafka = new KafkaArguments();

    @Option(
            names = "--metrics",
            paramLabel = "HOST:PORT",
            description = "Where to show /metrics, /healthz and /readyz; port 0 is any free one. Default:"
                    + " ${DEFAULT-VALUE}.")
    private String metrics = "localhost:9406";

    @Mixin
    private FromArguments from = new FromArguments();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        Topics topics = UserError.checked(kafka::topics);
        Beginning beginning = from.beginning();
        String servers = UserError.checked(kafka::servers);
        return Interruption.cleanUp(interruption -> {
            interruption.isHowItEnds();
            export(topics, beginning, servers);
            return ExitCode.OK;
        });
    }

    private void export(Topics topics, Beginning beginning, String servers) {
        PrometheusRegistry registry = new PrometheusRegistry();
        LoopMetrics loop = new LoopMetrics(registry, topics, System::nanoTime);
        try (Consumer<byte[], byte[]> consumer = Onlooker.consumer(servers, kafka.properties());
                Admin admin = admin(servers)) {
            Exporter exporter = new Exporter(
                    consumer,
                    new TopicLookup(admin, LoopMetrics.read(topics)),
                    topics,
                    beginning,
                    loop,
                    this::say,
                    System::nanoTime);
            try (StatusServer server = MetricsEndpoint.open(metrics, registry, exporter)) {
                say("metrics at http://" + server.address() + "/metrics, of " + topics.prefix() + "* of " + servers
                        + " from " + from.typed() + " on; Ctrl-C ends it");
                // Asked to end, it does so without an interruption of the thread, which clients take amiss when closed.
                exporter.run(() -> !Thread.interrupted());
                boolean unused = Thread.interrupted();
            }
        } catch (KafkaException e) {
            throw UserError.wrongRequest(
                    "--kafka-property: " + SecretMask.of(kafka.properties()).hide(String.valueOf(e.getMessage())));
        }
    }

    private Admin admin(String servers) {
        Map<String, Object> settings = new HashMap<>(kafka.properties());
        settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        return Admin.create(settings);
    }

    private void say(String what) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("edistream: " + what);
        err.flush();
    }
}
