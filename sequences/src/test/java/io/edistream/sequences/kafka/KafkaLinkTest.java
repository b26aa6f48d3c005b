package io.edistream.sequences.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.schemas.Topics;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.junit.jupiter.api.Test;

class KafkaLinkTest {

    @Test
    void aLinkThatCannotBeOpenedLeavesNothingOpen() {
        KafkaOptions consumersAreWrong = new KafkaOptions(
                "127.0.0.1:1",
                Topics.DEFAULT,
                "all",
                Duration.ofMillis(200),
                Duration.ofMillis(400),
                Duration.ofMillis(200),
                1,
                1,
                Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "0"));

        assertThatThrownBy(() -> KafkaLink.open(
                        consumersAreWrong,
                        EventOptions.numbersOnly(),
                        0xABCDEF,
                        new GeneratorMetrics(new PrometheusRegistry()),
                        () -> 0))
                .hasStackTraceContaining(ConsumerConfig.MAX_POLL_RECORDS_CONFIG);

        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.contains("abcdef") || name.startsWith("edistream-sender"));
    }
}
