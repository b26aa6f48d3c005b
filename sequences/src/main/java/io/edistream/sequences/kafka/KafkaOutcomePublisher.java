package io.edistream.sequences.kafka;

import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomePublisher;
import io.edistream.sequences.kafka.KafkaSender.Outgoing;
import io.edistream.sequences.kafka.KafkaSender.Queued;
import io.edistream.sequences.metrics.GeneratorMetrics;
import java.util.List;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Sends outcomes to the topic control-outcomes, keyed by sequence. */
public final class KafkaOutcomePublisher implements OutcomePublisher {

    private static final int MAX_TAKEN = 64;

    private final KafkaSender<ControlOutcome> sender;

    /**
     * Connects to Kafka; a broker that is not there is no error.
     *
     * @param generator the generator's id
     */
    public static KafkaOutcomePublisher open(KafkaOptions options, long generator, GeneratorMetrics metrics) {
        Producer<byte[], byte[]> producer =
                KafkaClients.producer(options, "edistream-outcomes-" + Long.toHexString(generator));
        return new KafkaOutcomePublisher(producer, options, generator, metrics);
    }

    KafkaOutcomePublisher(
            Producer<byte[], byte[]> producer, KafkaOptions options, long generator, GeneratorMetrics metrics) {
        String topic = options.topics().controlOutcomes();
        Encoder encoder = new Encoder(topic, generator, RecordCodec.of(CommandOutcome.class));
        this.sender = new KafkaSender<>(topic, producer, encoder, MAX_TAKEN, options, metrics);
    }

    @Override
    public void publish(ControlOutcome outcome) {
        sender.offer(outcome);
    }

    @Override
    public void close() {
        sender.close();
    }

    private record Encoder(String topic, long generator, RecordCodec<CommandOutcome> codec)
            implements KafkaSender.Encoder<ControlOutcome> {

        @Override
        public int inOneRecord(List<Queued<ControlOutcome>> outcomes) {
            return 1;
        }

        @Override
        public List<Outgoing> records(List<Queued<ControlOutcome>> outcomes) {
            ControlOutcome outcome = outcomes.get(0).item();
            return List.of(Outgoing.of(new ProducerRecord<>(
                    topic,
                    Ids.sequenceKey(generator, outcome.received().command().sequence()),
                    codec.encode(AvroControl.outcome(outcome, generator)))));
        }
    }
}
