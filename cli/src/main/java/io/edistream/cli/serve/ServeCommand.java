package io.edistream.cli.serve;

import io.edistream.cli.Edistream;
import io.edistream.cli.Interruption;
import io.edistream.cli.MetricsEndpoint;
import io.edistream.cli.ModelArguments;
import io.edistream.cli.SendArguments;
import io.edistream.cli.UserError;
import io.edistream.cli.gateway.OpenFace;
import io.edistream.cli.generate.GeneratorSetup;
import io.edistream.gateway.config.ConfigException;
import io.edistream.gateway.config.ConfigFile;
import io.edistream.gateway.config.GatewayConfig;
import io.edistream.gateway.server.AccessLog;
import io.edistream.gateway.server.Gateway;
import io.edistream.gateway.server.Meters;
import io.edistream.generator.GeneratorService;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.jobs.KafkaArguments;
import io.edistream.sequences.kafka.KafkaOptions;
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

/** Serves models of its own to clients of OpenAI's API. */
@Command(
        name = "serve",
        description = {
            "Serves a model of your own to clients of OpenAI's API: the generator and the face of the gateway in one"
                    + " process. It publishes the exact entropy of every token to your Kafka, and obeys the commands of a"
                    + " job that reads it. Until Ctrl-C.",
            "",
            "Clients ask for a model by the name of its route, for the default route by the model's own name. With Kafka or"
                    + " the job gone answers flow on. docs/gateway.md says what is possible and what is refused."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Edistream.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:ended by Ctrl-C",
            "1:it cannot listen where it should",
            "2:an option, a model folder or the configuration is wrong"
        })
public final class ServeCommand implements Callable<Integer> {

    private static final int DEFAULT_QUEUE = 256;

    @Mixin
    private ModelArguments models = new ModelArguments();

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            description =
                    "Most tokens of an answer to a request that does not say, less where its prompt leaves less room."
                            + " Default: ${DEFAULT-VALUE}.")
    private int maxNewTokens = GenerationRequest.DEFAULT_MAX_NEW_TOKENS;

    @Option(
            names = "--queue",
            paramLabel = "N",
            description = "Answers that may wait for room in the batch; above it clients get 429. Default:"
                    + " ${DEFAULT-VALUE}.")
    private int queue = DEFAULT_QUEUE;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "YAML with listen, tls, clients and limits, as the gateway has them. Default: on 127.0.0.1:8100,"
                            + " for everybody there.")
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
        GatewayConfig face = read(config);
        GeneratorSetup setup = UserError.checked(this::setup);
        UserError.checked(() -> {
            GenerationRequest.requireMaxNewTokens(maxNewTokens);
            return maxNewTokens;
        });
        return Interruption.cleanUp(interruption -> {
            interruption.isHowItEnds();
            run(face, setup, interruption);
            return ExitCode.OK;
        });
    }

    private static GatewayConfig read(@Nullable Path config) {
        try {
            return config == null ? GatewayConfig.forEngine() : ConfigFile.readForEngine(config, System::getenv);
        } catch (ConfigException e) {
            throw UserError.wrongRequest("--config " + e.getMessage());
        }
    }

    private GeneratorSetup setup() {
        return new GeneratorSetup(
                KafkaOptions.of(kafka.servers()).withTopics(kafka.topics()).withClientProperties(kafka.properties()),
                models.folders(),
                models.torch(),
                models.decode(queue),
                send.eventOptions());
    }

    private void run(GatewayConfig face, GeneratorSetup setup, Interruption interruption) {
        PrometheusRegistry registry = new PrometheusRegistry();
        Meters meters = new Meters(registry);
        SecureRandom random = new SecureRandom();
        long id = random.nextLong();
        try (GeneratorService generator = interruption.shielded(() -> setup.start(id, registry, this::say));
                @Nullable
                        AccessLog log =
                                accessLog ? new AccessLog(spec.commandLine().getOut()) : null;
                Gateway open = OpenFace.of(
                        face,
                        () -> Gateway.serve(
                                face,
                                new GeneratorEngine(generator, id, maxNewTokens),
                                meters,
                                MetricsEndpoint.page(registry),
                                log,
                                random))) {
            setup.cacheWarning(maxNewTokens).ifPresent(this::say);
            OpenFace.stay(open, face, id, setup.kafka(), this::say);
        } catch (InterruptedException e) {
            // That is how it ends.
        }
    }

    private void say(String what) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("edistream: " + what);
        err.flush();
    }
}
