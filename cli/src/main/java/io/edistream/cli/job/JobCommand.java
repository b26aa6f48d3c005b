package io.edistream.cli.job;

import io.edistream.cli.Edistream;
import io.edistream.cli.Interruption;
import io.edistream.cli.MetricsEndpoint;
import io.edistream.cli.StatusScreen;
import io.edistream.cli.Terminal;
import io.edistream.cli.UserError;
import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedJob;
import io.edistream.http.StatusServer;
import io.edistream.jobs.EdistreamJob;
import io.edistream.jobs.JobArguments;
import io.edistream.jobs.JobOptions;
import io.edistream.jobs.KafkaOptions;
import io.edistream.jobs.telemetry.OtherJobs;
import io.edistream.jobs.topics.KafkaRefusal;
import io.edistream.jobs.topics.TopicAdmin;
import io.edistream.jobs.topics.TopicCheck;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the job in this JVM, against brokers that exist. */
@Command(
        name = "job",
        description = {
            "Runs the Flink job on this machine against your Kafka, until it is interrupted.",
            "",
            "For trying things out: what it knows of running sequences ends with it. deploy/README.md says how the same"
                    + " job runs on a Flink cluster."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"1:the job failed, or was interrupted", "2:an option is wrong; nothing was started"})
public final class JobCommand implements Callable<Integer> {

    private static final long LOOK_MILLIS = 500;

    @Mixin
    private JobArguments arguments = new JobArguments();

    @Option(
            names = "--metrics",
            paramLabel = "HOST:PORT",
            description =
                    "Where to show /metrics, /healthz and /readyz, for instance localhost:9405; port 0 is any free"
                            + " one. Default: nowhere.")
    private @Nullable String metrics;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        JobOptions options = UserError.checked(arguments::options);
        return Interruption.cleanUp(interruption -> run(options, interruption));
    }

    private int run(JobOptions options, Interruption interruption) throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        JobHealth health = new JobHealth();
        try (JobPage page = new JobPage(Edistream.Version.number());
                StatusServer server = metrics == null ? null : MetricsEndpoint.open(metrics, page, health)) {
            if (server != null) {
                err.println("edistream: metrics at http://" + server.address() + "/metrics");
            }
            interruption
                    .shielded(() -> checkTopics(options.kafka()))
                    .forEach(warning -> err.println("edistream: " + warning));
            interruption
                    .shielded(() -> otherJobs(options.kafka()))
                    .forEach(warning -> err.println("edistream: " + warning));
            err.flush();
            return run(options, interruption, page.reporter(), health);
        }
    }

    private int run(JobOptions options, Interruption interruption, HandedReporter page, JobHealth health)
            throws InterruptedException {
        int slots = options.runtime().parallelism();
        StatusScreen screen = new StatusScreen(spec.commandLine().getErr(), Terminal.showsErrors(), Terminal.columns());
        JobNumbers numbers = new JobNumbers();
        try (HandedReporter line = new HandedReporter("edistream-line", numbers, Map.of());
                EmbeddedFlink flink = interruption.shielded(() -> EmbeddedFlink.start(slots, settings(line, page)))) {
            EmbeddedJob job = interruption.shielded(() -> submit(flink, options));
            screen.say("the job reads " + options.kafka().topics().tokenEntropy() + " of "
                    + options.kafka().bootstrapServers() + "; Ctrl-C ends it");
            try (JobLog log = new JobLog(options.kafka(), numbers, screen, health)) {
                log.start();
                return watch(job, screen, health);
            }
        }
    }

    private static Configuration settings(HandedReporter... reporters) {
        Configuration settings = new Configuration();
        for (HandedReporter reporter : reporters) {
            settings.addAll(reporter.settings());
        }
        return settings;
    }

    private static EmbeddedJob submit(EmbeddedFlink flink, JobOptions options) {
        StreamExecutionEnvironment environment = flink.environment();
        EdistreamJob.define(environment, options);
        return flink.submit(environment, "edistream").awaitRunning();
    }

    /** Without them the job itself would only try again and again. */
    private static List<String> checkTopics(KafkaOptions kafka) throws InterruptedException {
        try (TopicAdmin admin = TopicAdmin.connect(kafka.bootstrapServers(), kafka.properties())) {
            TopicCheck check = TopicCheck.look(admin, TopicCheck.Reader.JOB, kafka.topics(), kafka.bootstrapServers());
            check.refusal().ifPresent(reason -> {
                throw UserError.failedWork(reason);
            });
            return check.warnings();
        } catch (KafkaRefusal e) {
            throw UserError.of(e.isWrongOption(), String.valueOf(e.getMessage()));
        }
    }

    /** The commands of two jobs over the same sources would both be obeyed. */
    private static List<String> otherJobs(KafkaOptions kafka) {
        String topic = kafka.topics().control();
        OtherJobs others = OtherJobs.listen(kafka.bootstrapServers(), kafka.properties(), topic, Clock.systemUTC());
        List<String> warnings = new ArrayList<>();
        others.jobs().forEach(job -> warnings.add(job.warning(topic)));
        others.obstacle().ifPresent(reason -> warnings.add("whether another job runs is not known: " + reason));
        return warnings;
    }

    /** Flink starts a failed job again and again; somebody should hear of it. */
    private static int watch(EmbeddedJob job, StatusScreen screen, JobHealth health) throws InterruptedException {
        Optional<String> told = Optional.empty();
        while (true) {
            JobStatus status = job.status();
            health.onStatus(status);
            Optional<String> failure = job.failure();
            if (!failure.equals(told)) {
                failure.ifPresent(text -> screen.say("the job failed and is " + status + ": " + text));
                told = failure;
            }
            if (status.isGloballyTerminalState()) {
                return status == JobStatus.FINISHED ? ExitCode.OK : ExitCode.SOFTWARE;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }
}
