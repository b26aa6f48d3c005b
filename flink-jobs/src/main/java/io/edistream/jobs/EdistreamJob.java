package io.edistream.jobs;

import io.edistream.jobs.telemetry.OtherJobs;
import io.edistream.jobs.topics.KafkaRefusal;
import io.edistream.jobs.topics.TopicAdmin;
import io.edistream.jobs.topics.TopicCheck;
import java.io.PrintStream;
import java.time.Clock;
import java.util.Optional;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Main class of the job, for {@code flink run} and for a cluster's REST interface. */
public final class EdistreamJob {

    private static final Logger LOG = LoggerFactory.getLogger(EdistreamJob.class);
    private static final String NAME = "edistream";
    private static final int BAD_OPTIONS = 2;

    private EdistreamJob() {}

    /**
     * Starts the job; {@code --help} lists the options.
     *
     * @throws IllegalStateException if topic token-entropy or control is known to be missing
     * @throws IllegalArgumentException for bad options if a cluster called it, since leaving the JVM would stop the
     *     cluster; started by {@code java} itself, it prints the message and exits with code 2
     */
    public static void main(String[] args) throws Exception {
        Optional<JobOptions> options;
        try {
            options = parse(args, System.out);
        } catch (IllegalArgumentException e) {
            if (EdistreamJob.class.getClassLoader() != ClassLoader.getSystemClassLoader()) {
                throw e;
            }
            System.err.println(e.getMessage());
            System.exit(BAD_OPTIONS);
            return;
        }
        if (options.isPresent()) {
            checkTopics(options.get().kafka(), System.err);
            lookForOtherJobs(options.get().kafka(), Clock.systemUTC(), System.err);
            StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
            define(environment, options.get());
            warn(environment, System.err);
            environment.execute(NAME);
        }
    }

    static void warn(StreamExecutionEnvironment environment, PrintStream err) {
        MemoryCheckpoints.warning(environment.getConfiguration()).ifPresent(warning -> warn(warning, err));
    }

    /** On the error stream for whoever starts the job by hand, in the log for whoever looks for the reason later. */
    private static void warn(String warning, PrintStream err) {
        LOG.warn(warning);
        err.println("warning: " + warning);
    }

    /**
     * Looks at the topics before anything is started. Brokers that do not answer are a warning: a cluster may start its job
     * anew while they are away, and Flink tries again until they are back.
     *
     * @throws IllegalStateException if the job cannot do without what is missing
     * @throws IllegalArgumentException if a Kafka property is wrong
     */
    static void checkTopics(KafkaOptions kafka, PrintStream err) throws InterruptedException {
        try (TopicAdmin admin = TopicAdmin.connect(kafka.bootstrapServers(), kafka.properties())) {
            TopicCheck check = TopicCheck.look(admin, TopicCheck.Reader.JOB, kafka.topics(), kafka.bootstrapServers());
            check.refusal().ifPresent(reason -> {
                throw new IllegalStateException(reason);
            });
            check.warnings().forEach(warning -> warn(warning, err));
        } catch (KafkaRefusal e) {
            if (e.isWrongOption()) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
            warn("the topics were not looked at: " + e.getMessage(), err);
        }
    }

    /** Warns of jobs that watch the same sources: commands of both would act. */
    static void lookForOtherJobs(KafkaOptions kafka, Clock clock, PrintStream err) {
        String topic = kafka.topics().control();
        OtherJobs others = OtherJobs.listen(kafka.bootstrapServers(), kafka.properties(), topic, clock);
        others.jobs().forEach(job -> warn(job.warning(topic), err));
        others.obstacle().ifPresent(reason -> warn("whether another job runs is not known: " + reason, err));
    }

    /** Defines the whole job, its settings included, on an environment that the caller executes. */
    public static void define(StreamExecutionEnvironment environment, JobOptions options) {
        environment.configure(options.runtime().configuration());
        Topology.define(
                environment,
                KafkaEnds.source(options.kafka()),
                KafkaEnds.sinks(options.kafka()),
                options.watch(),
                options.job(),
                options.kafka().topics());
    }

    /**
     * The options of a command line, empty if it asked for help or the version, which was then written to {@code
     * helpOut}.
     *
     * @throws IllegalArgumentException if they are bad; the message says which and what is allowed
     */
    static Optional<JobOptions> parse(String[] args, PrintStream helpOut) {
        JobArguments arguments = new JobArguments();
        CommandLine commandLine = new CommandLine(arguments).setCaseInsensitiveEnumValuesAllowed(true);
        try {
            commandLine.parseArgs(args);
        } catch (ParameterException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        if (arguments.helpWanted()) {
            commandLine.usage(helpOut);
            return Optional.empty();
        }
        if (arguments.versionWanted()) {
            commandLine.printVersionHelp(helpOut);
            return Optional.empty();
        }
        return Optional.of(arguments.options());
    }
}
