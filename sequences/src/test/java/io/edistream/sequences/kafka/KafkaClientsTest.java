package io.edistream.sequences.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Topics;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaClientsTest {

    @Test
    void withAllAcknowledgementsTheProducerKeepsTheOrderItself() {
        assertThat(config("all"))
                .containsEntry(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true)
                .doesNotContainKey(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "0"})
    void withFewerThereIsOneRequestAtATimeSoThatNoneIsOvertaken(String acks) {
        assertThat(config(acks))
                .containsEntry(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false)
                .containsEntry(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    }

    @Test
    void commandsAreReadAFewAtATimeUnlessSomebodySaysOtherwise() {
        KafkaOptions options = KafkaOptions.of("localhost:1");
        assertThat(KafkaClients.consumerConfig(options, "test")).containsEntry("max.poll.records", 20);
        assertThat(KafkaClients.consumerConfig(options.withClientProperties(Map.of("max.poll.records", "7")), "test"))
                .containsEntry("max.poll.records", "7");
    }

    private static Map<String, Object> config(String acks) {
        KafkaOptions options = new KafkaOptions(
                "localhost:1",
                Topics.DEFAULT,
                acks,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ZERO,
                1,
                1,
                Map.of());
        return KafkaClients.producerConfig(options, "test");
    }
}
