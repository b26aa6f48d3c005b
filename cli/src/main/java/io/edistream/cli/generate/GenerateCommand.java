package io.edistream.cli.generate;

import io.edistream.cli.Edistream;
import io.edistream.cli.Input;
import io.edistream.cli.Interruption;
import io.edistream.cli.MetricsEndpoint;
import io.edistream.cli.ModelArguments;
import io.edistream.cli.SendArguments;
import io.edistream.cli.StatusScreen;
import io.edistream.cli.Terminal;
import io.edistream.cli.UserError;
import io.edistream.cli.topics.SourceTopics;
import io.edistream.generator.GeneratorService;
import io.edistream.generator.decode.DecodeOptions;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.http.StatusServer;
import io.edistream.jobs.KafkaArguments;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.kafka.KafkaOptions;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a generator against brokers that exist: JSON lines of prompts in, one JSON line per ended sequence out. */
@Command(
        name = "generate",
        description = {
            "Runs a generator against your Kafka: decodes prompts, publishes the entropy of every token, and obeys the"
                    + " commands of a job that reads it.",
            "",
            "Reads one JSON object per line, {\"id\": \"a\", \"prompt\": \"...\"}, or \"messages\": [{\"role\": \"user\","
                    + " \"content\": \"...\"}] instead of the prompt, optionally with \"route\","
                    + " \"samples\", \"temperature\", \"top_k\", \"top_p\", \"min_p\", \"repetition_penalty\","
                    + " \"presence_penalty\", \"frequency_penalty\", \"logit_bias\", \"seed\", \"max_new_tokens\","
                    + " \"stop\", \"strategy\", \"extract\" and the expected \"answer\", and writes one line per sequence, branches"
                    + " included, as soon as all sequences of a prompt have ended. The topics must exist. With the broker"
                    + " gone it decodes on and says so.",
            "",
            "A strategy starts the samples of a prompt when the votes so far ask for it, at most as many as \"samples\":"
                    + " \"until:2\" one after another until two agree, \"waves:2:2\" two at a time until one answer leads"
                    + " by two, \"all\" at once, until the lead cannot be lost.",
            "",
            "Votes are for the answers in the texts. \"extract\" says what the answer is, for a model that does not: the"
                    + " \"last_number\", what stands in the last \\boxed{...} (\"boxed\"), or the first group of the"
                    + " last match of a pattern of RE2 (\"regex:answer is ([A-D])\"). Numbers are written in one way,"
                    + " without thousands' commas and dollar signs, expected ones too."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Edistream.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything was decoded",
            "1:a line was bad, or a sequence ended with an error; the others were decoded",
            "2:an option is wrong; nothing was started",
            "3:with --strict: everything was decoded, and of some sequences nothing was published"
        })
public final class GenerateCommand implements Callable<Integer> {

    /** With a broker that answers this takes a second or two; without one nothing is to be waited for. */
    private static final Duration BROKER_PATIENCE = Duration.ofSeconds(5);

    private static final int NOT_ALL_WELL = 1;
    private static final int UNWATCHED = 3;

    @Parameters(
            paramLabel = "FILE",
            arity = "0..1",
            description = "File to read, also packed with gzip; standard input if left out or -.")
    private Path file = Input.STANDARD;

    @Mixin
    private KafkaArguments kafka = new KafkaArguments();

    @Mixin
    private ModelArguments models = new ModelArguments();

    @Option(
            names = "--samples",
            paramLabel = "N",
            description = "Sequences per prompt that does not say, 1 to " + GenerationLine.MAX_SAMPLES
                    + ". Default: ${DEFAULT-VALUE}.")
    private int samples = 1;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "Temperature of prompts that do not say. Default: ${DEFAULT-VALUE}.")
    private double temperature = 1;

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            description = "Most tokens per sequence of prompts that do not say. Default: ${DEFAULT-VALUE}.")
    private int maxNewTokens = GenerationRequest.DEFAULT_MAX_NEW_TOKENS;

    @Option(
            names = "--extract",
            paramLabel = "KIND",
            description =
                    "What is the answer in the texts of prompts that do not say: last_number, boxed,"
                            + " regex:PATTERN or json:POINTER. Default: what the model's folder says, if it is one of the shipped reasoners.")
    private @Nullable String extract;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Draws the seeds of prompts that do not say. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Mixin
    private SendArguments send = new SendArguments();

    @Option(
            names = "--metrics",
            paramLabel = "HOST:PORT",
            description = "Where Prometheus may read metrics, for instance localhost:9404. Default: nowhere.")
    private @Nullable String metricsAddress;

    @Option(
            names = "--check",
            description =
                    "Only load the models, compare what they generate with the check prompts of their folders, and end"
                            + " with exit code 1 if they differ. Needs no Kafka.")
    private boolean check;

    @Option(
            names = "--strict",
            description =
                    "End with exit code 3 if there was a sequence that nobody could watch, since Kafka never had its"
                            + " start.")
    private boolean strict;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (check) {
            return ModelCheck.run(UserError.checked(models::folders), UserError.checked(models::torch), this::say)
                    ? ExitCode.OK
                    : NOT_ALL_WELL;
        }
        GenerationLine.Defaults defaults = UserError.checked(this::defaults);
        GeneratorSetup setup = UserError.checked(this::setup);
        PrometheusRegistry registry = new PrometheusRegistry();
        GeneratorHealth health = new GeneratorHealth();
        long id = new SecureRandom().nextLong();
        try (InputStream in = Input.open(file);
                @Nullable
                        StatusServer metrics = metricsAddress == null
                                ? null
                                : MetricsEndpoint.open(metricsAddress, registry, health)) {
            if (metrics != null) {
                say("metrics at http://" + metrics.address() + "/metrics");
            }
            return Interruption.cleanUp(interruption -> {
                GeneratorService generator = interruption.shielded(() -> setup.start(id, registry, this::say));
                health.started(generator);
                boolean well;
                try {
                    well = generate(setup, generator, id, defaults, in);
                } finally {
                    // It is closed now, so that nothing is under way any more.
                    sayAccount(account(generator));
                }
                return exitCode(well, account(generator));
            });
        }
    }

    private GeneratorMetrics.Account account(GeneratorService generator) {
        return generator.metrics().account(kafka.topics().tokenEntropy());
    }

    private void sayAccount(GeneratorMetrics.Account account) {
        say("records with entropies: " + account.published() + " published, " + account.dropped() + " dropped, "
                + account.failed() + " failed; sequences that nobody could watch: " + account.unwatched());
    }

    private int exitCode(boolean well, GeneratorMetrics.Account account) {
        if (!well) {
            return NOT_ALL_WELL;
        }
        return strict && account.unwatched() > 0 ? UNWATCHED : ExitCode.OK;
    }

    private GeneratorSetup setup() {
        return new GeneratorSetup(
                KafkaOptions.of(kafka.servers()).withTopics(kafka.topics()).withClientProperties(kafka.properties()),
                models.folders(),
                models.torch(),
                models.decode(DecodeOptions.defaults().maxWaitingRequests()),
                eventOptions());
    }

    GenerationLine.Defaults defaults() {
        return new GenerationLine.Defaults(
                temperature,
                maxNewTokens,
                samples,
                extract == null ? null : GenerationLine.extraction("--extract", extract));
    }

    EventOptions eventOptions() {
        return send.eventOptions();
    }

    private boolean generate(
            GeneratorSetup setup, GeneratorService generator, long id, GenerationLine.Defaults defaults, InputStream in)
            throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        StatusScreen screen = new StatusScreen(err, Terminal.showsErrors(), Terminal.columns());
        try (Generation generation = new Generation(generator, id, defaults, seed, out, err, screen::end);
                ProgressLine progress = new ProgressLine(generator.metrics(), screen, System::nanoTime)) {
            setup.cacheWarning(maxNewTokens).ifPresent(this::say);
            say("generator " + HexFormat.of().toHexDigits(id) + " publishes to " + kafka.servers());
            CompletableFuture<List<String>> warnings =
                    CompletableFuture.supplyAsync(() -> SourceTopics.warnings(setup.kafka(), BROKER_PATIENCE));
            awaitCommands(generator);
            // Both were waited for at the same time.
            warnings.join().forEach(this::say);
            progress.start();
            return generation.run(in);
        }
    }

    /** A command that the generator cannot see yet would be missed; but nobody's answers wait for a broker. */
    private void awaitCommands(GeneratorService generator) throws InterruptedException {
        try {
            generator.commandsReady().get(BROKER_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            say("after " + BROKER_PATIENCE.toSeconds() + " s no command can arrive from " + kafka.servers()
                    + "; decoding without until one can");
        } catch (ExecutionException e) {
            throw new IllegalStateException("the generator cannot receive commands: " + e.getCause(), e);
        }
    }

    private void say(String what) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("edistream: " + what);
        err.flush();
    }
}
