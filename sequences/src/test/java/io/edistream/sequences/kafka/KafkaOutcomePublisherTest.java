package io.edistream.sequences.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.sequences.SequenceNames;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KafkaOutcomePublisherTest {

    @Test
    void sendsEachOutcomeUnderItsSequencesKey() throws Exception {
        MockProducer<byte[], byte[]> producer =
                new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        try (KafkaOutcomePublisher publisher = new KafkaOutcomePublisher(
                producer, Samples.options(10, 1), Samples.GENERATOR, new GeneratorMetrics(new PrometheusRegistry()))) {
            publisher.publish(outcome(3));
            publisher.publish(outcome(5));
        }
        assertThat(producer.history()).hasSize(2);
        ProducerRecord<byte[], byte[]> second = producer.history().get(1);
        assertThat(second.topic()).isEqualTo("edistream.control-outcomes.v1");
        assertThat(second.key()).isEqualTo(Ids.sequenceKey(Samples.GENERATOR, 5));
        CommandOutcome read = RecordCodec.of(CommandOutcome.class).decode(second.value());
        assertThat(Ids.counter(read.getSequence())).isEqualTo(5);
        assertThat(read.getKind()).isEqualTo(io.edistream.schemas.OutcomeKind.TOO_LATE);
    }

    private static ControlOutcome outcome(long sequence) {
        return new ControlOutcome(
                new ReceivedCommand(Samples.command(sequence, ControlAction.ABORT, true), 80),
                SequenceNames.UNKNOWN,
                OutcomeKind.TOO_LATE,
                null,
                null,
                null,
                90,
                List.of(),
                null,
                1,
                "too late");
    }
}
