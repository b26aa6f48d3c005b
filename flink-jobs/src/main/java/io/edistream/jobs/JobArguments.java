package io.edistream.jobs;

import io.edistream.jobs.KafkaOptions.StartFrom;
import io.edistream.jobs.sequences.JobIdentity;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.signals.Burst;
import io.edistream.signals.Rebound;
import io.edistream.signals.Scoring;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.apache.flink.util.TimeUtils;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The job's command line. */
@Command(
        name = "edistream-job",
        sortOptions = false,
        showDefaultValues = true,
        usageHelpWidth = 110,
        versionProvider = JobArguments.Version.class,
        description = "Watches the entropy of running generations: reads token-entropy, writes scores, spikes, control"
                + " and rejected.")
public final class JobArguments {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version.")
    private boolean version;

    @Mixin
    private KafkaArguments kafka = new KafkaArguments();

    @Option(
            names = "--job-name",
            paramLabel = "NAME",
            description = "Name of the job in its heartbeats; another job of this name is taken for a second copy.")
    private String jobName = JobIdentity.DEFAULT_NAME;

    @Option(names = "--group-id", paramLabel = "ID", description = "Consumer group.")
    private String groupId = KafkaOptions.DEFAULT_GROUP_ID;

    @Option(
            names = "--start-from",
            paramLabel = "WHERE",
            description = "Without state to restore, start at: ${COMPLETION-CANDIDATES}. COMMITTED means the earliest"
                    + " record if the group never committed.")
    private StartFrom startFrom = StartFrom.COMMITTED;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            description = "Tasks per operator, 1 to " + RuntimeOptions.MAX_PARALLELISM + ".")
    private int parallelism = RuntimeOptions.DEFAULT.parallelism();

    @Option(
            names = "--checkpoint-interval",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "Time between two checkpoints.")
    private Duration checkpointInterval = RuntimeOptions.DEFAULT_CHECKPOINT_INTERVAL;

    @Option(
            names = "--checkpoint-dir",
            paramLabel = "URI",
            description = "URI of the folder for checkpoints. Without one, that of the cluster; if it has none either,"
                    + " the JobManager's memory, which takes " + MemoryCheckpoints.MAX_STATE_MIB + " MiB of state per"
                    + " task, some 10,000 live sequences.")
    private @Nullable URI checkpointDirectory;

    @Option(
            names = "--score-interval",
            paramLabel = "TOKENS",
            description = "Tokens between two running scores of a sequence.")
    private int scoreInterval = WatchSettings.DEFAULT_SCORE_INTERVAL_TOKENS;

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            defaultValue = "10min",
            converter = DurationConverter.class,
            description = "Silence after which a sequence counts as abandoned.")
    private Duration idleTimeout = WatchSettings.DEFAULT_IDLE_TIMEOUT;

    @Option(
            names = "--retention",
            paramLabel = "TIME",
            defaultValue = "1d",
            converter = DurationConverter.class,
            description =
                    "How long a source is remembered after its last record: the retention of topic token-entropy.")
    private Duration retention = WatchSettings.DEFAULT_RETENTION;

    @Option(
            names = "--max-live-per-source",
            paramLabel = "N",
            description = "Sequences that one source of tokens may have live; more are not watched.")
    private int maxLivePerSource = WatchSettings.DEFAULT_MAX_LIVE_PER_GENERATOR;

    @Option(
            names = "--max-live-per-task",
            paramLabel = "N",
            description = "Sequences that one task watches, some 2 KiB of heap each; more are not watched.")
    private int maxLivePerTask = WatchSettings.DEFAULT_MAX_LIVE_PER_TASK;

    @Option(
            names = "--max-sources-per-task",
            paramLabel = "N",
            description = "Sources of tokens that one task remembers; more are not watched.")
    private int maxSourcesPerTask = WatchSettings.DEFAULT_MAX_GENERATORS;

    @Option(
            names = "--burst-window",
            paramLabel = "TOKENS",
            description = "Window of bursts, tokens, 1 to " + Burst.MAX_WINDOW_TOKENS + ".")
    private int burstWindow = Burst.DEFAULT.windowTokens();

    @Option(names = "--burst-threshold", paramLabel = "NATS", description = "Rise that makes a burst, nats.")
    private double burstThreshold = Burst.DEFAULT.thresholdNats();

    @Option(names = "--rebound-threshold", paramLabel = "NATS", description = "Rise that makes a rebound, nats.")
    private double reboundThreshold = Rebound.DEFAULT.thresholdNats();

    @Option(
            names = "--tracked-class",
            paramLabel = "NAME",
            showDefaultValue = Visibility.NEVER,
            description = "Name of a token class over which all signals run once more.")
    private String trackedClass = Scoring.NO_CLASS;

    @Mixin
    private RuleArguments rules = new RuleArguments();

    boolean helpWanted() {
        return help;
    }

    boolean versionWanted() {
        return version;
    }

    /**
     * The options.
     *
     * @throws IllegalArgumentException if a value is out of its bounds; the message names value and bound
     */
    public JobOptions options() {
        return new JobOptions(
                new KafkaOptions(kafka.servers(), kafka.topics(), groupId, startFrom, kafka.properties()),
                new JobIdentity(jobName, Version.number()),
                new WatchSettings(
                        new Scoring(burstWindow, burstThreshold, reboundThreshold, trackedClass),
                        rules.rules(),
                        scoreInterval,
                        idleTimeout,
                        retention,
                        maxLivePerSource,
                        maxLivePerTask,
                        maxSourcesPerTask),
                new RuntimeOptions(parallelism, checkpointInterval, Optional.ofNullable(checkpointDirectory)));
    }

    /** The version that the build put into the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"edistream-job " + number()};
        }

        /** For instance 0.1.0. */
        static String number() {
            Properties properties = new Properties();
            try (InputStream in = JobArguments.class.getResourceAsStream("version.properties")) {
                properties.load(in);
            } catch (IOException e) {
                throw new UncheckedIOException("version.properties could not be read", e);
            }
            return String.valueOf(properties.getProperty("version"));
        }
    }

    /** Reads durations as Flink writes them: 500ms, 10s, 10min, 1h, 1d. */
    public static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            return TimeUtils.parseDuration(value);
        }
    }
}
