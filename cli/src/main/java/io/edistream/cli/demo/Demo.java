package io.edistream.cli.demo;

import io.edistream.cli.Edistream;
import io.edistream.cli.Interruption;
import io.edistream.cli.UserError;
import io.edistream.cli.problems.WordProblem;
import io.edistream.cli.problems.WordProblems;
import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedJob;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.generator.GeneratorOptions;
import io.edistream.generator.GeneratorParts;
import io.edistream.generator.GeneratorService;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.generator.decode.Route;
import io.edistream.generator.torch.FolderRoutes;
import io.edistream.generator.torch.ModelFolderException;
import io.edistream.generator.torch.TorchOptions;
import io.edistream.jobs.EdistreamJob;
import io.edistream.jobs.JobOptions;
import io.edistream.jobs.RuntimeOptions;
import io.edistream.jobs.sequences.JobIdentity;
import io.edistream.schemas.Topics;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.LocalControlInbox;
import io.edistream.sequences.control.OutcomePublisher;
import io.edistream.sequences.event.EntropyPublisher;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.kafka.KafkaLink;
import io.edistream.sequences.kafka.KafkaOptions;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Starts the loop, asks the problems, waits until the topics have told everything, takes the loop down, and asks the same
 * once more of a generator that nothing controls.
 *
 * <p>One arm after the other and not side by side: sequences beside them would slow the controlled ones down, and the
 * reaction distance that is shown would be that of a load which nobody asked for.
 */
final class Demo {

    /** Nothing new in any topic for this long means that something is broken. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final DemoOptions options;
    private final Path models;
    private final DemoPage page;
    private final PrintWriter err;
    private final Steps steps;
    private final RunRecord record;
    private final Topics topics = Topics.DEFAULT;

    Demo(DemoOptions options, Path models, DemoPage page, PrintWriter err) {
        this.options = options;
        this.models = models;
        this.page = page;
        this.err = err;
        this.steps = new Steps(err);
        this.record = new RunRecord(options, problems());
    }

    private List<WordProblem> problems() {
        WordProblems drawn = WordProblems.fromModels(models, options.seed());
        List<WordProblem> problems = new ArrayList<>();
        for (int i = 0; i < options.problems(); i++) {
            problems.add(drawn.next());
        }
        return List.copyOf(problems);
    }

    /** What is known of the run so far; of use too when the run was interrupted. */
    RunRecord record() {
        return record;
    }

    /**
     * Runs both arms.
     *
     * @throws UserError if the models cannot be used, or the loop does not answer
     */
    void run(Interruption interruption, DemoScreen screen) throws InterruptedException {
        withControl(interruption, screen);
        withoutControl(interruption);
        record.completes();
    }

    private void withControl(Interruption interruption, DemoScreen screen) throws InterruptedException {
        Route route = started(interruption, "reading " + DemoOptions.MODEL, this::route);
        RecordedRun recorded = record.controlled();
        try (EmbeddedKafka kafka = started(interruption, "starting Kafka", this::startKafka);
                EmbeddedFlink flink = started(interruption, "starting Flink", this::startFlink);
                TopicReader reader = interruption.shielded(
                        // The screen comes first, so that it has shown all when the record is complete.
                        () -> new TopicReader(kafka.bootstrapServers(), topics, List.of(screen, recorded)))) {
            // Before the generator, which misses a job that lets it wait for its first sign of life.
            EmbeddedJob job =
                    started(interruption, "starting the job", () -> submitJob(flink, kafka.bootstrapServers()));
            try (GeneratorService generator = interruption.shielded(() -> generator(kafka.bootstrapServers(), route))) {
                reader.start();
                // A command that the generator cannot see yet would be missing in the end.
                steps.step("opening the way of commands", () -> awaitCommands(generator));
                screen.explain();
                page.controls(true);
                long begun = System.nanoTime();
                List<PromptGroup> groups = new Asking(options, record.problems()).ask(generator, ended -> {});
                record.controlledTook(System.nanoTime() - begun);
                page.controls(false);
                awaitRecorded(
                        recorded,
                        groups.stream().mapToLong(PromptGroup::started).sum(),
                        job);
                screen.finish();
                record.check().mismatches().forEach(err::println);
            }
        }
    }

    private void withoutControl(Interruption interruption) throws InterruptedException {
        Route route = interruption.shielded(this::route);
        MicrosClock clock = MicrosClock.system();
        GeneratorParts parts = new GeneratorParts(
                List.of(route),
                new NoEvents(),
                new LocalControlInbox(clock),
                new NoOutcomes(),
                new GeneratorMetrics(new PrometheusRegistry()),
                clock);
        try (GeneratorService generator =
                interruption.shielded(() -> GeneratorService.start(parts, GeneratorOptions.defaults()))) {
            steps.step("the same without control", () -> {
                long begun = System.nanoTime();
                List<PromptGroup> unused =
                        new Asking(options, record.problems()).ask(generator, group -> record.ended(group));
                record.freeTook(System.nanoTime() - begun);
                return unused;
            });
        }
    }

    private <T> T started(Interruption interruption, String name, Interruption.Step<T> step)
            throws InterruptedException {
        return steps.step(name, () -> interruption.shielded(step));
    }

    private EmbeddedKafka startKafka() {
        EmbeddedKafka kafka = EmbeddedKafka.start();
        kafka.createTopics(topics, 1);
        return kafka;
    }

    private EmbeddedFlink startFlink() {
        return EmbeddedFlink.start(1, page.job().reporter().settings());
    }

    private Route route() {
        try {
            return FolderRoutes.load(
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
        GeneratorMetrics metrics = new GeneratorMetrics(page.registry());
        MicrosClock clock = MicrosClock.system();
        // The problems are made up, so their answers and texts may be seen.
        EventOptions events = new EventOptions(false, false, false, false, true, EventOptions.MAX_RUN_TEXT);
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

    private static boolean awaitCommands(GeneratorService generator) throws InterruptedException {
        try {
            generator.commandsReady().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            throw UserError.failedWork("after " + PATIENCE.toSeconds() + " s no command can reach the generator");
        } catch (ExecutionException e) {
            throw new IllegalStateException("the generator cannot receive commands: " + e.getCause(), e);
        }
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

    /** Nobody watches. */
    private record NoEvents() implements EntropyPublisher {
        @Override
        public void publish(StepEvents events) {}

        @Override
        public void close() {}
    }

    /** Nobody commands. */
    private record NoOutcomes() implements OutcomePublisher {
        @Override
        public void publish(ControlOutcome outcome) {}

        @Override
        public void close() {}
    }
}
