package io.edistream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.KafkaOptions.StartFrom;
import io.edistream.jobs.telemetry.TelemetrySink;
import io.edistream.schemas.Topics;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the connector is told. It offers no way to ask, so its fields are read: the guarantees of the whole job rest on
 * them, and no test with a broker that is well notices when they change.
 */
class KafkaEndsTest {

    private static final KafkaOptions OPTIONS = KafkaOptions.of("broker:9092");

    @Test
    void commandsAreWrittenAtLeastOnceAndAtOnce() {
        Sink<?> control = KafkaEnds.sinks(OPTIONS).control();

        assertThat(control).extracting("deliveryGuarantee").isEqualTo(DeliveryGuarantee.AT_LEAST_ONCE);
        assertThat(control)
                .extracting("kafkaProducerConfig", InstanceOfAssertFactories.type(Properties.class))
                .satisfies(properties -> {
                    assertThat(properties.getProperty("linger.ms")).isEqualTo("0");
                    assertThat(properties.getProperty("bootstrap.servers")).isEqualTo("broker:9092");
                });
    }

    /** A sink of Kafka's own would make commands wait for a topic that is missing. */
    @Test
    void everythingElseIsTelemetry() {
        Sinks sinks = KafkaEnds.sinks(OPTIONS);

        assertThat(List.of(sinks.heartbeats(), sinks.scores(), sinks.spikes(), sinks.rejected()))
                .hasOnlyElementsOfType(TelemetrySink.class);
    }

    @Test
    void theSourceAsksForSingleBytesAndLooksForNewPartitions() {
        assertThat(KafkaEnds.source(OPTIONS))
                .extracting("props", InstanceOfAssertFactories.type(Properties.class))
                .satisfies(properties -> {
                    assertThat(properties.getProperty("fetch.min.bytes")).isEqualTo("1");
                    assertThat(properties.getProperty("partition.discovery.interval.ms"))
                            .isEqualTo("10000");
                    assertThat(properties.getProperty("group.id")).isEqualTo("edistream-jobs");
                    assertThat(properties.getProperty("max.poll.records"))
                            .as("times 1 MiB must fit the heap")
                            .isEqualTo("20");
                });
    }

    @Test
    void propertiesOfTheUserGoBeforeTheJobsOwn() {
        KafkaOptions options = new KafkaOptions(
                "broker:9092", Topics.DEFAULT, "g", StartFrom.COMMITTED, Map.of("linger.ms", "7", "acks", "all"));

        assertThat(KafkaEnds.sinks(options).control())
                .extracting("kafkaProducerConfig", InstanceOfAssertFactories.type(Properties.class))
                .satisfies(properties -> {
                    assertThat(properties.getProperty("linger.ms")).isEqualTo("7");
                    assertThat(properties.getProperty("acks")).isEqualTo("all");
                });
    }

    /** Whatever the start: who steps over a damaged record must not lose what comes behind it. */
    @ParameterizedTest
    @EnumSource(StartFrom.class)
    void anOffsetThatIsGoneLeadsToTheFirstRecordThatIsKept(StartFrom startFrom) {
        KafkaOptions options = new KafkaOptions("broker:9092", Topics.DEFAULT, "g", startFrom, Map.of());

        assertThat(KafkaEnds.source(options))
                .extracting("props", InstanceOfAssertFactories.type(Properties.class))
                .satisfies(properties ->
                        assertThat(properties.getProperty("auto.offset.reset")).isEqualTo("earliest"));
    }
}
