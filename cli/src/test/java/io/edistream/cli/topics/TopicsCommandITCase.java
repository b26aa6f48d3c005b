package io.edistream.cli.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.CommandRun;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.jobs.topics.TopicAdmin;
import io.edistream.jobs.topics.TopicState;
import io.edistream.schemas.TopicPlan;
import io.edistream.schemas.TopicSettings;
import io.edistream.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(180)
class TopicsCommandITCase {

    private static EmbeddedKafka kafka;
    private static TopicAdmin admin;

    private final CommandRun run = new CommandRun();

    @BeforeAll
    static void start() {
        // Everybody may do everything with what has no rule, and this broker has nobody but User:ANONYMOUS.
        kafka = EmbeddedKafka.start(Map.of(
                "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "allow.everyone.if.no.acl.found", "true",
                "early.start.listeners", "CONTROLLER"));
        admin = TopicAdmin.connect(kafka.bootstrapServers(), Map.of());
    }

    @AfterAll
    static void stop() {
        admin.close();
        kafka.close();
    }

    @Test
    void whatIsMissingIsCreatedByThePlanAndThenThereIsNothingToSay() throws InterruptedException {
        assertThat(topics("new.")).isEqualTo(1);
        assertThat(run.out())
                .contains("new.token-entropy.v1     MISSING\n")
                .contains("new.fleet.v1             missing (provisional)\n")
                .doesNotContain("planned");
        assertThat(run.err())
                .isEqualTo(
                        "edistream: required and missing: new.token-entropy.v1, new.scores.v1, new.spikes.v1,"
                                + " new.control.v1, new.control-outcomes.v1, new.rejected.v1; --create creates what is missing\n");

        CommandRun create = new CommandRun();
        assertThat(topics(create, "new.", "--create", "--partitions=5", "--retention=12h"))
                .as(create.err())
                .isZero();
        assertThat(create.out().lines()).hasSize(13).allMatch(line -> line.endsWith(": created"));

        Topics names = new Topics("new.");
        Map<String, TopicState> states = admin.look(names.all());
        for (TopicSettings planned : new TopicPlan(names, 5, Duration.ofHours(12)).all()) {
            TopicState state = states.get(planned.name());
            assertThat(state.partitions()).as(planned.name()).isEqualTo(planned.partitions());
            assertThat(state.replicas()).isEqualTo(1);
            assertThat(state.settings().orElseThrow()).as(planned.name()).containsAllEntriesOf(planned.settings());
        }

        CommandRun again = new CommandRun();
        assertThat(topics(again, "new.", "--partitions=5", "--retention=12h")).isZero();
        assertThat(again.err()).isEmpty();
        assertThat(again.out())
                .contains("new.token-entropy.v1     5 partitions, 1 replica\n")
                .doesNotContain("planned");
    }

    /** A topic is listed before its partitions answer; a record that is sent in between is lost, or refused as here. */
    @Test
    void whatWasCreatedTakesRecordsAtTheFirstAttempt() throws Exception {
        try (Producer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "retries", 0, "enable.idempotence", false),
                new StringSerializer(),
                new StringSerializer())) {
            for (int round = 0; round < 5; round++) {
                String prefix = "fresh" + round + ".";
                assertThat(topics(new CommandRun(), prefix, "--create", "--partitions=50"))
                        .isZero();
                for (int partition = 0; partition < 50; partition++) {
                    producer.send(new ProducerRecord<>(new Topics(prefix).scores(), partition, "key", "value"))
                            .get();
                }
            }
        }
    }

    @Test
    void whatExistsStaysAsItIsAndIsComparedWithThePlan() throws Exception {
        Map<String, String> own = new HashMap<>();
        own.put("retention.ms", "1234567");
        create(new NewTopic("old.token-entropy.v1", 2, (short) 1).configs(own));

        assertThat(topics("old.", "--create")).isEqualTo(1);
        assertThat(run.out()).startsWith("old.token-entropy.v1: exists, left as it is\nold.scores.v1: created\n");
        String lack = "edistream: without max.decompressed.message.bytes: old.token-entropy.v1; --guard sets it\n";
        assertThat(run.err()).isEqualTo(lack);

        CommandRun show = new CommandRun();
        assertThat(topics(show, "old.")).isEqualTo(1);
        assertThat(show.out())
                .contains("old.token-entropy.v1     2 partitions, 1 replica\n    partitions: 2, planned 12\n")
                .contains("    retention.ms: 1234567, planned 86400000\n")
                .contains("    max.decompressed.message.bytes: 2147483639, planned 1048576; small records can fill the")
                .doesNotContain("compression.type");
        assertThat(show.err()).isEqualTo(lack);

        CommandRun guard = new CommandRun();
        assertThat(topics(guard, "old.", "--guard")).isZero();
        assertThat(guard.out()).isEqualTo("old.token-entropy.v1: max.decompressed.message.bytes is now 1048576\n");
        await(() -> !admin.look(List.of("old.token-entropy.v1"))
                .get("old.token-entropy.v1")
                .lacksGuard());
        CommandRun after = new CommandRun();
        assertThat(topics(after, "old.")).isZero();
        assertThat(after.out())
                .contains("retention.ms: 1234567, planned 86400000")
                .doesNotContain("max.decompressed");
        CommandRun idle = new CommandRun();
        assertThat(topics(idle, "old.", "--guard")).isZero();
        assertThat(idle.out()).isEqualTo("nothing to do: no topic lacks max.decompressed.message.bytes\n");
    }

    /** Read back by other code: as a shell would take the words apart, and created by what they say. */
    @Test
    void thePrintedCommandsSayWhatCreateDoes() throws Exception {
        assertThat(run.execute("topics", "--print", "--topic-prefix=printed.", "--replication-factor=1"))
                .isZero();
        List<String> lines = run.out().lines().toList();
        assertThat(lines).hasSize(13);
        for (String line : lines) {
            List<String> words = List.of(line.split(" "));
            assertThat(words.subList(0, 5))
                    .containsExactly(
                            "kafka-topics.sh", "--bootstrap-server", "HOST:9092", "--create", "--if-not-exists");
            Map<String, String> settings = new HashMap<>();
            for (int i = 0; i < words.size(); i++) {
                if (words.get(i).equals("--config")) {
                    String[] setting = words.get(i + 1).split("=", 2);
                    settings.put(setting[0], setting[1]);
                }
            }
            create(new NewTopic(
                            after(words, "--topic"),
                            Integer.parseInt(after(words, "--partitions")),
                            Short.parseShort(after(words, "--replication-factor")))
                    .configs(settings));
        }

        CommandRun show = new CommandRun();
        assertThat(topics(show, "printed.")).as(show.out()).isZero();
        assertThat(show.out()).doesNotContain("planned", "MISSING", "missing");
    }

    @Test
    void printedCommandsDoNotRepeatPasswords() {
        assertThat(run.execute(
                        "topics",
                        "--print",
                        "--bootstrap-servers=a:1,b:2",
                        "--kafka-property=security.protocol=SASL_SSL",
                        "--kafka-property=sasl.jaas.config=password=\"secret\""))
                .isZero();
        assertThat(run.out())
                .startsWith("kafka-topics.sh --bootstrap-server a:1,b:2 --command-config client.properties --create ")
                .doesNotContain("secret", "--replication-factor");
    }

    @Test
    void moreCopiesThanBrokersAreRefusedAndNothingIsCreated() throws InterruptedException {
        assertThat(topics("copies.", "--create", "--replication-factor=3")).isEqualTo(2);
        assertThat(run.err())
                .startsWith(
                        "edistream: topic copies.token-entropy.v1 cannot be created: --replication-factor 3: Unable to"
                                + " replicate")
                .hasLineCount(1);
        assertThat(admin.look(new Topics("copies.").all()).values())
                .allMatch(state -> state.presence() == TopicState.Presence.MISSING);
    }

    @Test
    void whoMayNotCreateIsToldWhatElseToDo() throws Exception {
        List<AclBinding> rules = new ArrayList<>();
        // With a rule of its own the cluster no longer allows everything, and Create is what is left out.
        for (AclOperation operation : List.of(
                AclOperation.CLUSTER_ACTION,
                AclOperation.ALTER,
                AclOperation.ALTER_CONFIGS,
                AclOperation.DESCRIBE,
                AclOperation.DESCRIBE_CONFIGS)) {
            rules.add(rule(ResourceType.CLUSTER, Resource.CLUSTER_NAME, operation, AclPermissionType.ALLOW));
        }
        rules.add(rule(ResourceType.TOPIC, "forbidden.token-entropy.v1", AclOperation.CREATE, AclPermissionType.DENY));
        admin.admin().createAcls(rules).all().get();

        assertThat(topics("forbidden.", "--create")).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo(
                        "edistream: topic forbidden.token-entropy.v1 cannot be created: the user of --kafka-config"
                                + " or --kafka-property lacks the right CREATE on it; --print shows the commands for somebody who has it\n");
    }

    @Test
    void settingsThatMayNotBeSeenAreNotGuessed() throws Exception {
        Topics names = new Topics("secret.");
        kafka.createTopics(names, 1);
        admin.admin()
                .createAcls(List.of(
                        rule(ResourceType.TOPIC, names.control(), AclOperation.READ, AclPermissionType.ALLOW),
                        rule(ResourceType.TOPIC, names.spikes(), AclOperation.DESCRIBE, AclPermissionType.DENY)))
                .all()
                .get();

        assertThat(topics("secret.")).isZero();
        assertThat(run.out())
                .contains(
                        "secret.control.v1           1 partition, 1 replica, settings unknown: no right DESCRIBE_CONFIGS")
                .contains("secret.spikes.v1            unknown: no right to describe it");
        CommandRun guard = new CommandRun();
        assertThat(topics(guard, "secret.", "--guard")).isEqualTo(1);
        assertThat(guard.err()).contains("lacks the right DESCRIBE_CONFIGS: secret.control.v1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "topics; 2; --bootstrap-servers is missing",
                "topics --bootstrap-servers=x; 2; --bootstrap-servers 'x': must be host:port",
                "topics --print --partitions=0; 2; --partitions 0: must be 1 to 1000",
                "topics --print --retention=1s; 2; --retention 1s: must be 1 minute to 3650 days",
                "topics --print --retention=soon; 2; '--retention'",
                "topics --print --topic-prefix=a/b; 2; --topic-prefix 'a/b': at most 200",
                "topics --print --replication-factor=0; 2; --replication-factor 0: must be at least 1",
                "topics --print --create; 2; mutually exclusive",
                "topics --bootstrap-servers=localhost:1 --kafka-property=security.protocol=SSH; 2; security.protocol",
                "topics --bootstrap-servers=localhost:1; 1; Kafka at localhost:1 does not answer: "
            })
    void whatIsWrongIsASentence(String command, int exitCode, String reason) {
        assertThat(run.execute(command.split(" "))).isEqualTo(exitCode);
        assertThat(run.err()).startsWith("edistream: ").contains(reason).doesNotContain("\tat ");
    }

    private int topics(String prefix, String... more) {
        return topics(run, prefix, more);
    }

    private static int topics(CommandRun run, String prefix, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("topics", "--bootstrap-servers=" + kafka.bootstrapServers(), "--topic-prefix=" + prefix));
        arguments.addAll(List.of(more));
        return run.execute(arguments.toArray(String[]::new));
    }

    private static void create(NewTopic topic) throws Exception {
        admin.admin().createTopics(List.of(topic)).all().get();
        await(() -> admin.look(List.of(topic.name())).get(topic.name()).exists());
    }

    private static String after(List<String> words, String option) {
        return words.get(words.indexOf(option) + 1);
    }

    private static AclBinding rule(
            ResourceType type, String name, AclOperation operation, AclPermissionType permission) {
        return new AclBinding(
                new ResourcePattern(type, name, PatternType.LITERAL),
                new AccessControlEntry("User:*", "*", operation, permission));
    }

    /** A condition that asks the broker. */
    @FunctionalInterface
    private interface Condition {

        boolean holds() throws InterruptedException;
    }

    private static void await(Condition condition) throws InterruptedException {
        while (!condition.holds()) {
            Thread.onSpinWait();
        }
    }
}
