package io.edistream.sequences.kafka;

import io.edistream.sequences.event.EntropyPublisher;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.metrics.GeneratorMetrics;
import org.apache.kafka.clients.producer.Producer;

/**
 * Sends each decode step's events as one record of the topic token-entropy, keyed by generator. When the sender falls
 * behind, the steps that wait are sent as one record with longer runs; what is too large for a record becomes several. Dropped steps leave a gap in the record numbers,
 * where they are missing; only tokens are lost with them, starts and ends come later.
 */
public final class KafkaEntropyPublisher implements EntropyPublisher {

    private final KafkaSender<StepEvents> sender;
    private final AvroEvents avro;
    private final EntropyEncoder encoder;
    private final boolean wantsRunText;

    /**
     * Connects to Kafka; a broker that is not there is no error.
     *
     * @param generator the generator's id
     */
    public static KafkaEntropyPublisher open(
            KafkaOptions options, EventOptions eventOptions, long generator, GeneratorMetrics metrics) {
        Producer<byte[], byte[]> producer =
                KafkaClients.producer(options, "edistream-entropy-" + Long.toHexString(generator));
        return new KafkaEntropyPublisher(producer, options, eventOptions, generator, metrics);
    }

    KafkaEntropyPublisher(
            Producer<byte[], byte[]> producer,
            KafkaOptions options,
            EventOptions eventOptions,
            long generator,
            GeneratorMetrics metrics) {
        String topic = options.topics().tokenEntropy();
        this.avro = new AvroEvents(generator, eventOptions);
        this.encoder = new EntropyEncoder(topic, generator, avro, metrics);
        this.wantsRunText = eventOptions.runText();
        this.sender = new KafkaSender<>(topic, producer, encoder, options.maxMergedSteps(), options, metrics);
    }

    @Override
    public void publish(StepEvents events) {
        sender.offer(avro.permitted(events));
    }

    @Override
    public boolean wantsRunText() {
        return wantsRunText;
    }

    @Override
    public void close() {
        sender.close();
        encoder.closed();
    }
}
