package io.edistream.cli.demo;

import io.edistream.cli.Edistream;
import io.edistream.cli.Interruption;
import io.edistream.cli.Terminal;
import io.edistream.cli.UserError;
import io.edistream.cli.problems.WordProblem;
import io.edistream.cli.problems.WordProblems;
import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedJob;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.generator.GeneratorOptions;
import io.edistream.generator.GeneratorParts;
import io.edistream.generator.GeneratorService;
import io.edistream.generator.decode.AnswerCheck;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.generator.decode.Route;
import io.edistream.generator.event.EventOptions;
import io.edistream.generator.kafka.KafkaLink;
import io.edistream.generator.kafka.KafkaOptions;
import io.edistream.generator.metrics.GeneratorMetrics;
import io.edistream.generator.sequence.MicrosClock;
import io.edistream.generator.sequence.PromptGroup;
import io.edistream.generator.sequence.Sampling;
import io.edistream.generator.torch.ModelFolderException;
import io.edistream.generator.torch.ReasonerRoutes;
import io.edistream.generator.torch.TorchOptions;
import io.edistream.jobs.EdistreamJob;
import io.edistream.jobs.JobOptions;
import io.edistream.jobs.RuntimeOptions;
import io.edistream.jobs.sequences.JobIdentity;
import io.edistream.schemas.Topics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Starts the loop, asks the problems, waits until the topics have told everything, and takes the loop down. */
final class Demo {

    /** Nothing new in any topic for this long means that something is broken. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final int MAX_NEW_TOKENS = 320;
    private static final double NANOS_PER_SECOND = 1e9;

    private final DemoOptions options;
    private final Path models;
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean live;
    private final Topics topics = Topics.DEFAULT;

    Demo(DemoOptions options, Path models, PrintWriter out, PrintWriter err, boolean live) {
        this.options = options;
        this.models = models;
        this.out = out;
        this.err = err;
        this.live = live;
    }

    /**
     * Runs it all.
     *
     * @throws UserError if the models cannot be used, or the loop does not answer
     */
    DemoReport run(Interruption interruption) throws InterruptedException {
        List<WordProblem> problems = problems();
        Route route = interruption.shielded(this::route);
        RecordedRun recorded = new RecordedRun();
        DemoScreen screen = new DemoScreen(out, live, Terminal.columns(), Terminal.rows());
        try (EmbeddedKafka kafka = interruption.shielded(this::startKafka);
                EmbeddedFlink flink = interruption.shielded(this::startFlink);
                TopicReader reader = interruption.shielded(
                        // The screen comes first, so that it has shown all when the record is complete.
                        () -> new TopicReader(kafka.bootstrapServers(), topics, List.of(screen, recorded)))) {
            // Before the generator, which misses a job that lets it wait for its first sign of life.
            EmbeddedJob job = interruption.shielded(() -> submitJob(flink, kafka.bootstrapServers()));
            try (GeneratorService generator = interruption.shielded(() -> generator(kafka.bootstrapServers(), route))) {
                reader.start();
                awaitCommands(generator);
                say("asking " + problems.size() + " problems, " + options.samples() + " times each");
                screen.explain(problems.get(0));
                long begun = System.nanoTime();
                long sequences = decode(generator, problems);
                double seconds = (System.nanoTime() - begun) / NANOS_PER_SECOND;
                awaitRecorded(recorded, sequences, job);
                screen.finish();
                ScoreCheck check = ScoreCheck.of(recorded.sequences(), DemoOptions.SCORING);
                check.mismatches().forEach(err::println);
                return DemoReport.of(recorded, check, problems.size(), seconds);
            }
        }
    }

    private EmbeddedKafka startKafka() {
        say("starting Kafka");
        EmbeddedKafka kafka = EmbeddedKafka.start();
        kafka.createTopics(topics, 1);
        return kafka;
    }

    private EmbeddedFlink startFlink() {
        say("starting Flink");
        return EmbeddedFlink.start(1);
    }

    private List<WordProblem> problems() {
        WordProblems drawn = WordProblems.fromModels(models, options.seed());
        List<WordProblem> problems = new ArrayList<>();
        for (int i = 0; i < options.problems(); i++) {
            problems.add(drawn.next());
        }
        return problems;
    }

    private Route route() {
        say("loading " + DemoOptions.MODEL);
        try {
            return ReasonerRoutes.load(
                    GenerationRequest.DEFAULT_ROUTE, models.resolve(DemoOptions.MODEL), TorchOptions.defaults());
        } catch (ModelFolderException e) {
            throw UserError.wrongRequest(e.getMessage());
        }
    }

    private EmbeddedJob submitJob(EmbeddedFlink flink, String bootstrapServers) {
        StreamExecutionEnvironment environment = flink.environment();
        EdistreamJob.define(
                environment,
                new JobOptions(
                        io.edistream.jobs.KafkaOptions.of(bootstrapServers),
                        new JobIdentity("demo", Edistream.Version.number()),
                        options.watch(),
                        RuntimeOptions.DEFAULT));
        return flink.submit(environment, "edistream").awaitRunning();
    }

    private GeneratorService generator(String bootstrapServers, Route route) {
        GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());
        MicrosClock clock = MicrosClock.system();
        // The problems are made up, so their answers may be seen.
        EventOptions events = new EventOptions(false, false, false, false, true, 0);
        KafkaLink link = KafkaLink.open(
                KafkaOptions.of(bootstrapServers).withTopics(topics),
                events,
                new SecureRandom().nextLong(),
                metrics,
                clock);
        return GeneratorService.start(
                new GeneratorParts(List.of(route), link.events(), link.commands(), link.outcomes(), metrics, clock),
                GeneratorOptions.defaults());
    }

    /** A command that the generator cannot see yet would be missing in the end. */
    private static void awaitCommands(GeneratorService generator) throws InterruptedException {
        try {
            generator.commandsReady().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw UserError.failedWork("after " + PATIENCE.toSeconds() + " s no command can reach the generator");
        } catch (ExecutionException e) {
            throw new IllegalStateException("the generator cannot receive commands: " + e.getCause(), e);
        }
    }

    /**
     * Asks the problems, so many at a time that their branches find room, and waits until no sequence runs; returns how
     * many there were, branches included.
     */
    private long decode(GeneratorService generator, List<WordProblem> problems) throws InterruptedException {
        SplittableRandom seeds = new SplittableRandom(options.seed());
        Semaphore room = new Semaphore(options.problemsAtATime());
        List<CompletableFuture<?>> idle = new ArrayList<>();
        List<PromptGroup> groups = new ArrayList<>();
        for (WordProblem problem : problems) {
            GenerationRequest request = GenerationRequest.of(problem.prompt())
                    .withSampling(Sampling.of(options.temperature(), seeds.nextLong()))
                    .withMaxNewTokens(MAX_NEW_TOKENS)
                    .checkedBy(AnswerCheck.expecting(String.valueOf(problem.answer())));
            room.acquire();
            PromptGroup group =
                    generator.submit(request, options.samples()).get(0).group();
            groups.add(group);
            idle.add(group.whenIdle().whenComplete((ended, failure) -> room.release()));
        }
        try {
            CompletableFuture.allOf(idle.toArray(CompletableFuture[]::new)).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("decoding failed: " + e.getCause().getMessage(), e);
        }
        return groups.stream().mapToLong(PromptGroup::started).sum();
    }

    private static void awaitRecorded(RecordedRun recorded, long sequences, EmbeddedJob job)
            throws InterruptedException {
        if (recorded.awaitComplete(sequences, PATIENCE)) {
            return;
        }
        throw UserError.failedWork("the loop went silent for " + PATIENCE.toSeconds() + " s with " + sequences
                + " sequences decoded: " + recorded.progress() + "; the job is " + job.status()
                + job.failure().map(failure -> ", its last failure: " + failure).orElse(""));
    }

    private void say(String what) {
        err.printf(Locale.ROOT, "edistream: %s ...%n", what);
        err.flush();
    }
}
