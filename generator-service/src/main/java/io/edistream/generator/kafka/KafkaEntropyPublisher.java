package io.edistream.generator.kafka;

import io.edistream.generator.event.EntropyPublisher;
import io.edistream.generator.event.EventOptions;
import io.edistream.generator.event.StepEvents;
import io.edistream.generator.kafka.KafkaSender.Queued;
import io.edistream.generator.metrics.GeneratorMetrics;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.TokenEntropyBatch;
import java.util.List;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Sends each decode step's events as one record of the topic token-entropy, keyed by generator. When the sender falls
 * behind, the steps that wait are sent as one record with longer runs. Dropped steps leave a gap in the record numbers,
 * where they are missing.
 */
public final class KafkaEntropyPublisher implements EntropyPublisher {

    private final KafkaSender<StepEvents> sender;

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
        Encoder encoder = new Encoder(topic, generator, new AvroEvents(generator, eventOptions));
        this.sender = new KafkaSender<>(topic, producer, encoder, options.maxMergedSteps(), options, metrics);
    }

    @Override
    public void publish(StepEvents events) {
        sender.offer(events);
    }

    @Override
    public void close() {
        sender.close();
    }

    /** Numbers the records. Used by the sender's thread alone. */
    private static final class Encoder implements KafkaSender.Encoder<StepEvents> {

        private final String topic;
        private final byte[] key;
        private final AvroEvents avro;
        private final RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
        private long nextNumber;

        Encoder(String topic, long generator, AvroEvents avro) {
            this.topic = topic;
            this.key = Ids.generatorKey(generator);
            this.avro = avro;
        }

        /** Runs on both sides of a gap do not fit together. */
        @Override
        public int inOneRecord(List<Queued<StepEvents>> steps) {
            int count = 1;
            while (count < steps.size() && steps.get(count).droppedBefore() == 0) {
                count++;
            }
            return count;
        }

        @Override
        public ProducerRecord<byte[], byte[]> record(List<Queued<StepEvents>> steps) {
            // Before anything can fail: a record that cannot be made is missing, too.
            long number = nextNumber + steps.get(0).droppedBefore();
            nextNumber = number + 1;
            StepEvents merged =
                    StepEvents.merged(steps.stream().map(Queued::item).toList());
            return new ProducerRecord<>(topic, key, codec.encode(avro.batch(merged, number)));
        }
    }
}
