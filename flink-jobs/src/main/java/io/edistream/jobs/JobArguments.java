package io.edistream.jobs;

import io.edistream.jobs.KafkaOptions.StartFrom;
import io.edistream.jobs.sequences.SequenceSettings;
import io.edistream.schemas.Topics;
import io.edistream.signals.Burst;
import io.edistream.signals.Rebound;
import io.edistream.signals.Scoring;
import io.edistream.signals.monitor.Policy;
import io.edistream.signals.rules.AbortAbove;
import io.edistream.signals.rules.BranchAbove;
import io.edistream.signals.rules.Rule;
import io.edistream.signals.rules.RuleHeader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.apache.flink.util.TimeUtils;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
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

    enum RuleMode {
        off,
        shadow,
        armed
    }

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

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            showDefaultValue = Visibility.NEVER,
            required = true,
            description = "Kafka brokers, separated by commas.")
    private String bootstrapServers = "";

    @Option(names = "--topic-prefix", paramLabel = "PREFIX", description = "Prefix of all topic names.")
    private String topicPrefix = Topics.DEFAULT.prefix();

    @Option(names = "--group-id", paramLabel = "ID", description = "Consumer group.")
    private String groupId = KafkaOptions.DEFAULT_GROUP_ID;

    @Option(
            names = "--start-from",
            paramLabel = "WHERE",
            description = "Without state to restore, start at: ${COMPLETION-CANDIDATES}. COMMITTED means the earliest"
                    + " record if the group never committed.")
    private StartFrom startFrom = StartFrom.COMMITTED;

    @Option(
            names = "--kafka-property",
            paramLabel = "KEY=VALUE",
            showDefaultValue = Visibility.NEVER,
            description = "Property of all Kafka clients, key=value; may be repeated.")
    private Map<String, String> kafkaProperties = new LinkedHashMap<>();

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            description = "Tasks per operator, 1 to " + RuntimeOptions.MAX_PARALLELISM + ".")
    private int parallelism = RuntimeOptions.DEFAULT.parallelism();

    @Option(
            names = "--checkpoint-interval",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "For instance 10s.")
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
    private int scoreInterval = SequenceSettings.DEFAULT_SCORE_INTERVAL_TOKENS;

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "Silence after which a sequence counts as abandoned, for instance 10min.")
    private Duration idleTimeout = SequenceSettings.DEFAULT_IDLE_TIMEOUT;

    @Option(
            names = "--finished-memory",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long an ended sequence is remembered, for instance 60s.")
    private Duration finishedMemory = SequenceSettings.DEFAULT_FINISHED_MEMORY;

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
            paramLabel = "CLASS",
            description = "Name of the token class over which all signals run once more.")
    private String trackedClass = Scoring.DEFAULT.trackedClass();

    @ArgGroup(exclusive = false, heading = "%nRule abort-above: abort a sequence whose signal exceeds a limit.%n")
    private AbortArguments abort = new AbortArguments();

    @ArgGroup(exclusive = false, heading = "%nRule branch-above: fork a sequence at a token whose entropy does.%n")
    private BranchArguments branch = new BranchArguments();

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
        Scoring signals = new Scoring(burstWindow, burstThreshold, reboundThreshold, trackedClass);
        List<Rule> rules = new ArrayList<>();
        abort.rule().ifPresent(rules::add);
        branch.rule().ifPresent(rules::add);
        return new JobOptions(
                new KafkaOptions(bootstrapServers, new Topics(topicPrefix), groupId, startFrom, kafkaProperties),
                new SequenceSettings(new Policy(signals, rules), scoreInterval, idleTimeout, finishedMemory),
                new RuntimeOptions(parallelism, checkpointInterval, Optional.ofNullable(checkpointDirectory)));
    }

    private static RuleHeader header(String id, int version, RuleMode mode, Set<String> models) {
        if (mode == RuleMode.armed && models.isEmpty()) {
            throw new IllegalArgumentException(
                    "rule " + id + " is armed for no model: at least one must be named, since"
                            + " a limit only holds for the models that it was calibrated on");
        }
        return new RuleHeader(id, version, mode == RuleMode.armed, models);
    }

    private static final class AbortArguments {
        // Required as soon as another option of the rule is given, which would otherwise count for nothing.
        @Option(names = "--abort", paramLabel = "MODE", required = true, description = "${COMPLETION-CANDIDATES}.")
        private RuleMode mode = RuleMode.off;

        @Option(names = "--abort-signal", paramLabel = "NAME", description = "Name of the signal.")
        private String signal = "edis";

        @Option(
                names = "--abort-limit",
                paramLabel = "VALUE",
                showDefaultValue = Visibility.NEVER,
                description = "Limit that the signal must exceed.")
        private double limit = Double.NaN;

        @Option(
                names = "--abort-min-tokens",
                paramLabel = "TOKENS",
                description = "Tokens before which the rule does not fire.")
        private int minTokens;

        @Option(
                names = "--abort-models",
                paramLabel = "NAME",
                showDefaultValue = Visibility.NEVER,
                split = ",",
                description = "Models that the limit was calibrated on.")
        private Set<String> models = new LinkedHashSet<>();

        @Option(
                names = "--abort-version",
                paramLabel = "N",
                description = "Version, to be raised whenever the rule changes.")
        private int version = 1;

        Optional<Rule> rule() {
            return mode == RuleMode.off
                    ? Optional.empty()
                    : Optional.of(
                            new AbortAbove(header("abort-above", version, mode, models), signal, limit, minTokens));
        }
    }

    private static final class BranchArguments {
        @Option(names = "--branch", paramLabel = "MODE", required = true, description = "${COMPLETION-CANDIDATES}.")
        private RuleMode mode = RuleMode.off;

        @Option(
                names = "--branch-limit",
                paramLabel = "NATS",
                showDefaultValue = Visibility.NEVER,
                description = "Entropy that a token must exceed, nats.")
        private double limit = Double.NaN;

        @Option(
                names = "--branch-width",
                paramLabel = "N",
                description = "Children each time, 1 to " + BranchAbove.MAX_WIDTH + ".")
        private int width = 2;

        @Option(
                names = "--branch-max-leaves",
                paramLabel = "N",
                description = "Sequences that a prompt may have in all.")
        private int maxLeaves = 8;

        @Option(
                names = "--branch-max-firings",
                paramLabel = "N",
                description = "Times that one sequence may be forked.")
        private int maxFirings = 1;

        @Option(
                names = "--branch-models",
                paramLabel = "NAME",
                showDefaultValue = Visibility.NEVER,
                split = ",",
                description = "Models that the limit was calibrated on.")
        private Set<String> models = new LinkedHashSet<>();

        @Option(
                names = "--branch-version",
                paramLabel = "N",
                description = "Version, to be raised whenever the rule changes.")
        private int version = 1;

        Optional<Rule> rule() {
            return mode == RuleMode.off
                    ? Optional.empty()
                    : Optional.of(new BranchAbove(
                            header("branch-above", version, mode, models), limit, width, maxLeaves, maxFirings));
        }
    }

    /** The version that the build put into the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            Properties properties = new Properties();
            try (InputStream in = JobArguments.class.getResourceAsStream("version.properties")) {
                properties.load(in);
            }
            return new String[] {"edistream-job " + properties.getProperty("version")};
        }
    }

    /** Reads durations as Flink writes them: 500ms, 10s, 10min, 1h. */
    static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            return TimeUtils.parseDuration(value);
        }
    }
}
