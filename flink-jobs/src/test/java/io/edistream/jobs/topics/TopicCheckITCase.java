package io.edistream.jobs.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.embedded.EmbeddedKafka;
import io.edistream.jobs.topics.TopicCheck.Reader;
import io.edistream.jobs.topics.TopicState.Presence;
import io.edistream.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TopicCheckITCase {

    /** Everybody may do everything with what has no rule, and this broker has nobody but User:ANONYMOUS. */
    private static final Map<String, String> AUTHORIZER = Map.of(
            "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found", "true",
            "early.start.listeners", "CONTROLLER");

    private static EmbeddedKafka kafka;
    private static TopicAdmin admin;

    @BeforeAll
    static void start() {
        kafka = EmbeddedKafka.start(AUTHORIZER);
        admin = TopicAdmin.connect(kafka.bootstrapServers(), Map.of());
    }

    @AfterAll
    static void stop() {
        admin.close();
        kafka.close();
    }

    @Test
    void topicsByThePlanNeedNoWord() throws InterruptedException {
        Topics topics = created("good.");

        for (Reader reader : Reader.values()) {
            assertThat(check(reader, topics).refusal()).isEmpty();
            assertThat(check(reader, topics).warnings()).isEmpty();
        }
        TopicState tokens =
                admin.look(List.of(topics.tokenEntropy())).values().iterator().next();
        assertThat(tokens.exists()).isTrue();
        assertThat(tokens.partitions()).isEqualTo(2);
        assertThat(tokens.replicas()).isEqualTo(1);
        assertThat(tokens.settings().orElseThrow()).containsEntry("max.decompressed.message.bytes", "1048576");
    }

    @Test
    void allThatIsMissingIsNamedInOneSentence() throws InterruptedException {
        String sentence = "Kafka at " + kafka.bootstrapServers()
                + " lacks the topics none.token-entropy.v1, none.control.v1, none.scores.v1, none.spikes.v1,"
                + " none.rejected.v1; create them with: edistream topics --create --bootstrap-servers "
                + kafka.bootstrapServers() + " --topic-prefix 'none.'";

        assertThat(check(Reader.JOB, new Topics("none.")).refusal()).contains(sentence);
        assertThat(check(Reader.SOURCE, new Topics("none.")).refusal()).isEmpty();
        assertThat(check(Reader.SOURCE, new Topics("none.")).warnings())
                .singleElement()
                .asString()
                .contains("lacks the topics none.token-entropy.v1, none.control.v1, none.control-outcomes.v1;");
        assertThat(check(Reader.JOB, Topics.DEFAULT).refusal().orElseThrow())
                .endsWith("--bootstrap-servers " + kafka.bootstrapServers());
    }

    @Test
    void oneTopicThatOnlyTelemetryNeedsIsAWarning() throws Exception {
        Topics topics = created("telemetry.");
        admin.admin().deleteTopics(List.of(topics.scores())).all().get();
        awaitGone(topics.scores());

        assertThat(check(Reader.JOB, topics).refusal()).isEmpty();
        assertThat(check(Reader.JOB, topics).warnings())
                .singleElement()
                .asString()
                .contains("lacks the topic telemetry.scores.v1; create it with: edistream topics --create ");
        assertThat(check(Reader.SOURCE, topics).warnings()).isEmpty();
    }

    @Test
    void withoutControlTheJobDoesNotStart() throws Exception {
        Topics topics = created("control.");
        admin.admin().deleteTopics(List.of(topics.control())).all().get();
        awaitGone(topics.control());

        assertThat(check(Reader.JOB, topics).refusal().orElseThrow()).contains("lacks the topic control.control.v1;");
    }

    @Test
    void topicsWithoutTheLimitAreNamedWithTheCommandThatSetsIt() throws Exception {
        Topics topics = created("open.");
        set(topics.tokenEntropy(), "1048577");
        for (Reader reader : Reader.values()) {
            assertThat(check(reader, topics).refusal()).isEmpty();
            assertThat(check(reader, topics).warnings())
                    .containsExactly("the topic open.token-entropy.v1 of Kafka at " + kafka.bootstrapServers()
                            + " may hold small records that fill the memory of whoever reads them, since"
                            + " max.decompressed.message.bytes is not 1048576 or less; set it with: edistream topics"
                            + " --guard --bootstrap-servers " + kafka.bootstrapServers() + " --topic-prefix 'open.'");
        }
        set(topics.tokenEntropy(), "1000");
        assertThat(check(Reader.JOB, topics).warnings()).isEmpty();
    }

    @Test
    void aLimitThatMayNotBeSeenIsNotGuessed() throws Exception {
        Topics topics = created("secret.");
        allow(topics.control(), AclOperation.READ);

        assertThat(check(Reader.JOB, topics).refusal()).isEmpty();
        assertThat(check(Reader.JOB, topics).warnings())
                .containsExactly("whether max.decompressed.message.bytes is set for the topic secret.control.v1 was not"
                        + " looked at: the user lacks the right DESCRIBE_CONFIGS");
    }

    @Test
    void aTopicThatMayNotBeSeenIsNotCalledMissing() throws Exception {
        Topics topics = created("hidden.");
        allow(topics.control(), AclOperation.ALTER_CONFIGS);

        assertThat(admin.look(List.of(topics.control())).get(topics.control()).presence())
                .isEqualTo(Presence.HIDDEN);
        assertThat(check(Reader.JOB, topics).refusal()).isEmpty();
        assertThat(check(Reader.JOB, topics).warnings())
                .containsExactly("the topic hidden.control.v1 of Kafka at " + kafka.bootstrapServers()
                        + " cannot be seen: the user has no right to use or describe it");
    }

    @Test
    void whyTheClusterCannotBeAskedIsASentence() {
        Map<String, String> login = Map.of(
                "security.protocol", "SASL_PLAINTEXT",
                "sasl.mechanism", "PLAIN");
        assertThatThrownBy(() -> TopicAdmin.connect(kafka.bootstrapServers(), login))
                .isInstanceOfSatisfying(
                        KafkaRefusal.class, e -> assertThat(e.isWrongOption()).isTrue())
                .hasMessageStartingWith("Kafka at " + kafka.bootstrapServers() + ": Could not find a 'KafkaClient'");
        try (TopicAdmin nobody = TopicAdmin.connect("localhost:1", Map.of(), Duration.ofMillis(200))) {
            assertThatThrownBy(() -> nobody.look(List.of("any")))
                    .isInstanceOfSatisfying(KafkaRefusal.class, e -> assertThat(e.isWrongOption())
                            .isFalse())
                    .hasMessageStartingWith("Kafka at localhost:1 does not answer: ");
        }
    }

    private static Topics created(String prefix) {
        Topics topics = new Topics(prefix);
        kafka.createTopics(topics, 2);
        return topics;
    }

    private static TopicCheck check(Reader reader, Topics topics) throws InterruptedException {
        return TopicCheck.look(admin, reader, topics, kafka.bootstrapServers());
    }

    private static void set(String topic, String limit) throws Exception {
        admin.admin()
                .incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic),
                        List.of(new AlterConfigOp(
                                new ConfigEntry("max.decompressed.message.bytes", limit), AlterConfigOp.OpType.SET))))
                .all()
                .get();
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        while (!admin.admin()
                .describeConfigs(List.of(resource))
                .all()
                .get()
                .get(resource)
                .get("max.decompressed.message.bytes")
                .value()
                .equals(limit)) {
            Thread.onSpinWait();
        }
    }

    /** One rule, after which everything else is forbidden for the topic. */
    private static void allow(String topic, AclOperation operation) throws Exception {
        admin.admin()
                .createAcls(List.of(new AclBinding(
                        new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
                        new AccessControlEntry("User:*", "*", operation, AclPermissionType.ALLOW))))
                .all()
                .get();
    }

    private static void awaitGone(String topic) throws InterruptedException {
        while (admin.look(List.of(topic)).get(topic).exists()) {
            Thread.onSpinWait();
        }
    }
}
