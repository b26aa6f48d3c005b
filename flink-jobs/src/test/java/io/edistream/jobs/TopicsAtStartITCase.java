package io.edistream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.embedded.EmbeddedKafka;
import io.edistream.jobs.KafkaOptions.StartFrom;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.ScoringId;
import io.edistream.schemas.Topics;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the main class makes of what it finds. */
@Timeout(120)
class TopicsAtStartITCase {

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final PrintStream printed = new PrintStream(err, true, StandardCharsets.UTF_8);

    @Test
    void withItsTopicsTheJobStartsWithoutAWord() throws InterruptedException {
        try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
            kafka.createTopics(Topics.DEFAULT, 1);
            EdistreamJob.checkTopics(KafkaOptions.of(kafka.bootstrapServers()), printed);
            assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();

            // Main passes on what the check throws, before it makes anything of Flink.
            assertThatThrownBy(() -> EdistreamJob.main(
                            new String[] {"--bootstrap-servers", kafka.bootstrapServers(), "--topic-prefix", "none."}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("lacks the topics none.token-entropy.v1, none.control.v1, none.scores.v1");
        }
    }

    @Test
    void aJobThatRunsAlreadyIsAWarning() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            kafka.createTopics(Topics.DEFAULT, 1);
            KafkaOptions options = KafkaOptions.of(kafka.bootstrapServers());
            EdistreamJob.lookForOtherJobs(options, Clock.systemUTC(), printed);
            assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();

            Heartbeat beat = new Heartbeat(
                    "0af3",
                    "first",
                    "",
                    0,
                    1,
                    TimeUnit.MILLISECONDS.toMicros(Clock.systemUTC().millis()),
                    new ScoringId(new byte[8]),
                    false,
                    List.of(),
                    List.of());
            producer.send(new ProducerRecord<>(
                            Topics.DEFAULT.control(),
                            RecordCodec.of(Heartbeat.class).encode(beat)))
                    .get();
            EdistreamJob.lookForOtherJobs(options, Clock.systemUTC(), printed);
            assertThat(err.toString(StandardCharsets.UTF_8))
                    .startsWith("warning: another job 'first' (id 0af3, nothing armed) sent a heartbeat ")
                    .contains(" s ago on edistream.control.v1: ");
        }
    }

    /** A cluster may start its job anew while the brokers are away. */
    @Test
    void brokersThatDoNotAnswerAreAWarning() throws InterruptedException {
        EdistreamJob.checkTopics(KafkaOptions.of("localhost:1"), printed);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .startsWith("warning: the topics were not looked at: Kafka at localhost:1 does not answer: ");
    }

    @Test
    void aWrongPropertyIsRefused() {
        KafkaOptions wrong = new KafkaOptions(
                "localhost:1", Topics.DEFAULT, "g", StartFrom.EARLIEST, Map.of("security.protocol", "SSH"));
        assertThatThrownBy(() -> EdistreamJob.checkTopics(wrong, printed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("security.protocol");
    }
}
