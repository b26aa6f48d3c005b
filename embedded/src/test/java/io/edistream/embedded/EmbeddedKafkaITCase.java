package io.edistream.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.schemas.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaITCase {

    private static final Topics TOPICS = new Topics("test.");

    @Test
    void recordsGoInAndComeOut() {
        try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
            kafka.createTopics(TOPICS, 2);

            Client.send(kafka, TOPICS.scores(), "one", "two", "three");

            assertThat(Client.read(kafka, "readers", TOPICS.scores(), 3)).containsExactly("one", "two", "three");
        }
    }

    /**
     * A topic is listed a moment before its partitions take records. A record that is refused then is sent once more,
     * but if one behind it got through meanwhile, the broker refuses it for good and loses it.
     */
    @Test
    void topicsTakeRecordsAtTheFirstAttempt() {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                Producer<String, String> producer = new KafkaProducer<>(
                        Map.of(
                                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                                kafka.bootstrapServers(),
                                ProducerConfig.RETRIES_CONFIG,
                                0,
                                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                                false),
                        new StringSerializer(),
                        new StringSerializer())) {
            for (int i = 0; i < 20; i++) {
                Topics topics = new Topics("fresh" + i + ".");
                kafka.createTopics(topics, 8);

                for (int partition = 0; partition < 8; partition++) {
                    Waiting.get(
                            producer.send(new ProducerRecord<>(topics.control(), partition, "key", "value")),
                            Waiting.LIMIT,
                            "sending to " + topics.control());
                }
            }
        }
    }

    @Test
    void topicsKeyedByGeneratorGetThePartitionsAskedForAndTheOthersOne() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
            kafka.createTopics(TOPICS, 3);

            assertThat(partitions(kafka))
                    .isEqualTo(Map.of(
                            TOPICS.tokenEntropy(), 3,
                            TOPICS.control(), 3,
                            TOPICS.scores(), 1,
                            TOPICS.spikes(), 1,
                            TOPICS.controlOutcomes(), 1,
                            TOPICS.rejected(), 1));
        }
    }

    @Test
    void topicsThatExistStayAsTheyAre() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
            kafka.createTopics(TOPICS, 3);
            kafka.createTopics(TOPICS, 5);

            assertThat(partitions(kafka)).containsEntry(TOPICS.tokenEntropy(), 3);
            assertThatThrownBy(() -> kafka.createTopics(TOPICS, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at least 1");
        }
    }

    @Test
    void aTopicThatNobodyCreatedIsAnError() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                Admin admin = admin(kafka)) {
            assertThatThrownBy(() -> admin.describeTopics(List.of("misspelt"))
                            .allTopicNames()
                            .get())
                    .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
        }
    }

    @Test
    void twoBrokersInOneJvmKnowNothingOfEachOther() {
        try (EmbeddedKafka first = EmbeddedKafka.start();
                EmbeddedKafka second = EmbeddedKafka.start()) {
            first.createTopics(TOPICS, 1);
            second.createTopics(TOPICS, 1);
            Client.send(first, TOPICS.scores(), "to the first");
            Client.send(second, TOPICS.scores(), "to the second");

            assertThat(first.bootstrapServers()).isNotEqualTo(second.bootstrapServers());
            assertThat(Client.read(first, "readers", TOPICS.scores(), 1)).containsExactly("to the first");
            assertThat(Client.read(second, "readers", TOPICS.scores(), 1)).containsExactly("to the second");
        }
    }

    @Test
    void aClosedBrokerLeavesNoThreadNoFileAndNoPort() throws IOException {
        Leftovers leftovers = Leftovers.before();
        EmbeddedKafka kafka = EmbeddedKafka.start();
        kafka.createTopics(TOPICS, 1);
        Client.send(kafka, TOPICS.scores(), "one");
        int port = port(kafka);

        kafka.close();
        kafka.close();

        leftovers.awaitNone();
        try (EmbeddedKafka again = EmbeddedKafka.start(port)) {
            assertThat(port(again)).isEqualTo(port);
        }
        leftovers.awaitNone();
    }

    @Test
    void aBrokerThatComesBackHasItsDataAndItsPort() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                KafkaProducer<String, String> producer = Client.producer(kafka)) {
            kafka.createTopics(TOPICS, 1);
            Waiting.get(producer.send(new ProducerRecord<>(TOPICS.scores(), "before")), Waiting.LIMIT, "sending");
            assertThat(Client.read(kafka, "readers", TOPICS.scores(), 1)).containsExactly("before");

            for (int round = 0; round < 2; round++) {
                kafka.stopBroker();
                kafka.startBroker();
                // The producer is the one from before: it finds the broker where it was.
                Waiting.get(
                        producer.send(new ProducerRecord<>(TOPICS.scores(), "round " + round)),
                        Waiting.LIMIT,
                        "sending after a restart");
            }

            assertThat(Client.read(kafka, "others", TOPICS.scores(), 3))
                    .containsExactly("before", "round 0", "round 1");
        }
    }

    @Test
    void stoppingAndStartingInTheWrongOrderIsRefused() {
        EmbeddedKafka kafka = EmbeddedKafka.start();
        try (kafka) {
            assertThatThrownBy(kafka::startBroker)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("running already");
            kafka.stopBroker();
            assertThatThrownBy(kafka::stopBroker)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not running");
        }
        assertThatThrownBy(kafka::startBroker)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void aStoppedBrokerRefusesConnectionsAndItsPortIsGivenToNobodyElse() throws IOException {
        try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
            kafka.stopBroker();

            assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port(kafka)).close())
                    .isInstanceOf(ConnectException.class);
            try (ServerSocket other = new ServerSocket(0)) {
                assertThat(other.getLocalPort()).isNotEqualTo(port(kafka));
            }
        }
    }

    @Test
    void aTakenPortIsToldInASentence() throws IOException {
        Leftovers leftovers = Leftovers.before();
        try (ServerSocket other = new ServerSocket(0)) {
            assertThatThrownBy(() -> EmbeddedKafka.start(other.getLocalPort()))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("port " + other.getLocalPort())
                    .hasMessageContaining("choose another port");
        }
        leftovers.awaitNone();
    }

    @Test
    void aMissingTemporaryDirectoryIsToldInASentence(@TempDir Path directory) {
        String before = System.getProperty("java.io.tmpdir");
        System.setProperty("java.io.tmpdir", directory.resolve("missing").toString());
        try {
            assertThatThrownBy(() -> new TemporaryDirectory("edistream-"))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("-Djava.io.tmpdir");
        } finally {
            System.setProperty("java.io.tmpdir", before);
        }
    }

    private static Map<String, Integer> partitions(EmbeddedKafka kafka)
            throws ExecutionException, InterruptedException {
        try (Admin admin = admin(kafka)) {
            return admin.describeTopics(TOPICS.required()).allTopicNames().get().values().stream()
                    .collect(Collectors.toMap(
                            topic -> topic.name(), topic -> topic.partitions().size()));
        }
    }

    private static Admin admin(EmbeddedKafka kafka) {
        return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()));
    }

    private static int port(EmbeddedKafka kafka) {
        String servers = kafka.bootstrapServers();
        return Integer.parseInt(servers.substring(servers.lastIndexOf(':') + 1));
    }
}
