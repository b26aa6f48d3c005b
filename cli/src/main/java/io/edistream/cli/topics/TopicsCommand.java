package io.edistream.cli.topics;

import io.edistream.cli.Edistream;
import io.edistream.cli.UserError;
import io.edistream.jobs.JobArguments;
import io.edistream.jobs.KafkaArguments;
import io.edistream.jobs.topics.TopicAdmin;
import io.edistream.jobs.topics.TopicState;
import io.edistream.schemas.RecordLimits;
import io.edistream.schemas.TopicPlan;
import io.edistream.schemas.TopicSettings;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows, creates and mends the topics of a cluster. */
@Command(
        name = "topics",
        description = {
            "Shows which topics your Kafka has and how they differ from what Edistream needs, or creates them.",
            "",
            "docs/topics.md says what each setting is for."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Edistream.Version.class,
        sortOptions = false,
        subcommands = SkipCommand.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything that is required is there, or was created",
            "1:a required topic is missing, one takes records of any size, or Kafka refused",
            "2:an option is wrong"
        })
public final class TopicsCommand implements Callable<Integer> {

    private static final int LACKING = 1;
    private static final String SOME_BROKER = "HOST:9092";

    @Mixin
    private KafkaArguments kafka = new KafkaArguments();

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description = "Partitions of token-entropy and scores, 1 to 1000: at least as many as the job has tasks."
                    + " Default: ${DEFAULT-VALUE}.")
    private int partitions = TopicPlan.DEFAULT_PARTITIONS;

    @Option(
            names = "--retention",
            paramLabel = "TIME",
            converter = JobArguments.DurationConverter.class,
            description = "How long token-entropy is kept, for instance 12h: as long as the job may be down. Default: 1"
                    + " day.")
    private Duration retention = TopicPlan.DEFAULT_RETENTION;

    @Option(
            names = "--replication-factor",
            paramLabel = "N",
            description = "Copies of each partition that is created, at least 1. Default: the broker's default.")
    private @Nullable Short replicationFactor;

    @ArgGroup
    private Action action = new Action();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** What to do instead of showing. */
    static final class Action {

        @Option(names = "--create", description = "Creates what is missing; what exists stays as it is.")
        private boolean create;

        @Option(
                names = "--guard",
                description = "Sets " + RecordLimits.SETTING + " where it is not set or too large, and nothing else.")
        private boolean guard;

        @Option(
                names = "--print",
                description = "Prints the commands of Kafka's own kafka-topics.sh that create them; asks no broker.")
        private boolean print;
    }

    @Override
    public Integer call() throws InterruptedException {
        TopicPlan plan = plan();
        if (action.print) {
            return print(plan);
        }
        return Cluster.connected(kafka.brokers(), admin -> {
            Map<String, TopicState> states = admin.look(plan.topics().all());
            if (action.create) {
                return create(admin, plan, states);
            }
            TopicReport report = new TopicReport(plan, states);
            return action.guard ? guard(admin, report) : show(report);
        });
    }

    private TopicPlan plan() {
        if (replicationFactor != null && replicationFactor < 1) {
            throw UserError.wrongRequest("--replication-factor " + replicationFactor + ": must be at least 1");
        }
        return UserError.checked(() -> new TopicPlan(kafka.topics(), partitions, retention));
    }

    private int print(TopicPlan plan) {
        KafkaScripts scripts = new KafkaScripts(
                UserError.checked(kafka.brokers()::givenServers).orElse(SOME_BROKER),
                Optional.ofNullable(replicationFactor),
                !UserError.checked(kafka::properties).isEmpty());
        plan.all().forEach(topic -> print(scripts.create(topic)));
        return ExitCode.OK;
    }

    private int show(TopicReport report) {
        report.lines().forEach(this::print);
        List<String> missing = report.missing();
        if (!missing.isEmpty()) {
            say("required and missing: " + String.join(", ", missing) + "; --create creates what is missing");
        }
        int guards = requireGuards(report);
        return missing.isEmpty() ? guards : LACKING;
    }

    private int requireGuards(TopicReport report) {
        List<String> unguarded = report.unguarded();
        if (unguarded.isEmpty()) {
            return ExitCode.OK;
        }
        say("without " + RecordLimits.SETTING + ": " + String.join(", ", unguarded) + "; --guard sets it");
        return LACKING;
    }

    private int create(TopicAdmin admin, TopicPlan plan, Map<String, TopicState> states) throws InterruptedException {
        TopicCreation creation = new TopicCreation(admin, Optional.ofNullable(replicationFactor));
        List<String> created = new ArrayList<>();
        for (TopicSettings topic : plan.all()) {
            boolean isNew = !states.get(topic.name()).exists() && creation.create(topic);
            print(topic.name() + (isNew ? ": created" : ": exists, left as it is"));
            if (isNew) {
                created.add(topic.name());
            }
        }
        if (!created.isEmpty() && !creation.awaitLeaders(created)) {
            say("whether every partition has a leader was not looked at: the user lacks the right DESCRIBE");
        }
        return requireGuards(new TopicReport(plan, states));
    }

    private int guard(TopicAdmin admin, TopicReport report) throws InterruptedException {
        AlterConfigOp limit = new AlterConfigOp(
                new ConfigEntry(RecordLimits.SETTING, String.valueOf(RecordLimits.MAX_RECORD_BYTES)),
                AlterConfigOp.OpType.SET);
        for (String name : report.unguarded()) {
            Map<ConfigResource, Collection<AlterConfigOp>> change = new LinkedHashMap<>();
            change.put(new ConfigResource(ConfigResource.Type.TOPIC, name), List.of(limit));
            admin.answer(admin.admin().incrementalAlterConfigs(change).all());
            print(name + ": " + RecordLimits.SETTING + " is now " + RecordLimits.MAX_RECORD_BYTES);
        }
        List<String> unknown = report.unknown();
        if (!unknown.isEmpty()) {
            say("not looked at, since the user lacks the right DESCRIBE_CONFIGS: " + String.join(", ", unknown));
            return LACKING;
        }
        if (report.unguarded().isEmpty()) {
            print("nothing to do: no topic lacks " + RecordLimits.SETTING);
        }
        return ExitCode.OK;
    }

    private void print(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    private void say(String what) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("edistream: " + what);
        err.flush();
    }
}
