package io.edistream.jobs.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.Test;

class TelemetryProducersTest {

    private static Map<String, Object> settings(Map<String, String> properties) {
        return new TelemetryProducers("broker:9092", properties).settings();
    }

    @Test
    void clientsGiveUpSoonAndCannotBecomeUseless() {
        assertThat(settings(Map.of()))
                .containsEntry("bootstrap.servers", "broker:9092")
                .containsEntry("enable.idempotence", "false")
                .containsEntry("acks", "all")
                .containsEntry("max.in.flight.requests.per.connection", "1")
                .containsEntry("max.block.ms", "5000")
                .containsEntry("delivery.timeout.ms", "10000");
    }

    @Test
    void propertiesOfTheUserGoBeforeTheJobsOwnAndLeaveAClientThatOpens() {
        Map<String, Object> settings =
                settings(Map.of("request.timeout.ms", "60000", "linger.ms", "7", "max.block.ms", "9"));

        assertThat(settings)
                .containsEntry("request.timeout.ms", "60000")
                .containsEntry("max.block.ms", "9")
                .containsEntry("delivery.timeout.ms", "60007");
        assertThat(settings(Map.of("delivery.timeout.ms", "8000"))).containsEntry("delivery.timeout.ms", "8000");
        try (var client = new TelemetryProducers("localhost:1", Map.of("request.timeout.ms", "60000")).open()) {
            assertThat(client.metrics()).isNotEmpty();
        }
        // Left for the client to complain of.
        assertThat(settings(Map.of(ProducerConfig.LINGER_MS_CONFIG, "soon"))).containsEntry("linger.ms", "soon");
    }
}
