package io.edistream.cli.gateway;

import io.edistream.cli.Edistream;
import io.edistream.cli.Interruption;
import io.edistream.cli.KafkaConnection;
import io.edistream.cli.MetricsEndpoint;
import io.edistream.cli.SendArguments;
import io.edistream.cli.UserError;
import io.edistream.gateway.config.ConfigException;
import io.edistream.gateway.config.ConfigFile;
import io.edistream.gateway.config.GatewayConfig;
import io.edistream.gateway.server.AccessLog;
import io.edistream.gateway.server.Gateway;
import io.edistream.gateway.server.Meters;
import io.edistream.gateway.watch.Watch;
import io.edistream.jobs.KafkaArguments;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.kafka.KafkaLink;
import io.edistream.sequences.kafka.KafkaOptions;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Stands in front of engines that others run, and watches what they answer. */
@Command(
        name = "gateway",
        subcommands = CheckCommand.class,
        description = {
            "Stands in front of your vLLM, llama.cpp, SGLang or any other server with OpenAI's protocol: clients send"
                    + " their requests here, and get what they would get there. It publishes the entropy of every token"
                    + " to your Kafka, and ends an answer when a rule says so. Until Ctrl-C.",
            "",
            "With Kafka or the job gone answers flow on, and it says that nobody watches. docs/gateway.md shows a"
                    + " configuration."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Edistream.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:ended by Ctrl-C",
            "1:it cannot listen where it should",
            "2:an option or the configuration is wrong"
        })
public final class GatewayCommand implements Callable<Integer> {

    @Option(names = "--config", paramLabel = "FILE", description = "Its configuration, YAML.")
    private @Nullable Path config;

    @Mixin
    private KafkaArguments kafka = new KafkaArguments();

    @Mixin
    private SendArguments send = new SendArguments();

    @Option(
            names = "--access-log",
            description = "Write a JSON line for each request to standard output, without a word of its text.")
    private boolean accessLog;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        GatewayConfig gateway = read(config);
        KafkaOptions options = UserError.checked(() ->
                KafkaOptions.of(kafka.servers()).withTopics(kafka.topics()).withClientProperties(kafka.properties()));
        EventOptions events = UserError.checked(send::eventOptions);
        return Interruption.cleanUp(interruption -> {
            interruption.isHowItEnds();
            run(gateway, options, events);
            return ExitCode.OK;
        });
    }

    /**
     * Reads a configuration.
     *
     * @throws UserError if there is none, or something is wrong with it
     */
    static GatewayConfig read(@Nullable Path config) {
        if (config == null) {
            throw UserError.wrongRequest("--config FILE is missing; docs/gateway.md shows one");
        }
        try {
            return ConfigFile.read(config, System::getenv);
        } catch (ConfigException e) {
            throw UserError.wrongRequest("--config " + e.getMessage());
        }
    }

    private void run(GatewayConfig gateway, KafkaOptions options, EventOptions events) {
        PrometheusRegistry registry = new PrometheusRegistry();
        GeneratorMetrics metrics = new GeneratorMetrics(registry);
        Meters meters = new Meters(registry);
        SecureRandom random = new SecureRandom();
        long id = random.nextLong();
        try (Watch watch = watch(options, events, id, metrics, meters);
                @Nullable
                        AccessLog log =
                                accessLog ? new AccessLog(spec.commandLine().getOut()) : null;
                Gateway open = OpenFace.of(
                        gateway,
                        () -> Gateway.open(gateway, watch, meters, MetricsEndpoint.page(registry), log, random))) {
            gateway.upstreams()
                    .forEach(upstream -> say("upstream " + upstream.name() + ": "
                            + upstream.kind().configured() + " at " + upstream.base()));
            OpenFace.stay(open, gateway, id, options, this::say);
        } catch (InterruptedException e) {
            // That is how it ends.
        }
    }

    private Watch watch(KafkaOptions options, EventOptions events, long id, GeneratorMetrics metrics, Meters meters) {
        MicrosClock clock = MicrosClock.system();
        KafkaLink link = KafkaConnection.open(options, events, id, metrics, clock);
        return new Watch(
                id,
                link.events(),
                link.commands(),
                link.outcomes(),
                metrics,
                clock,
                events.generatedText() || events.runText(),
                meters::lostTokens);
    }

    private void say(String what) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("edistream: " + what);
        err.flush();
    }
}
