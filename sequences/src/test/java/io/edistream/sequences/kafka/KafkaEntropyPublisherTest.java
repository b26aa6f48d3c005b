package io.edistream.sequences.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.sequences.metrics.Metrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KafkaEntropyPublisherTest {

    private static final String TOPIC = "edistream.token-entropy.v1";

    private final GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());

    @Test
    void sendsEachStepUnderTheGeneratorsKey() throws Exception {
        MockProducer<byte[], byte[]> producer = producer();
        try (KafkaEntropyPublisher publisher = publisher(producer, 100, 1)) {
            for (int i = 0; i < 20; i++) {
                publisher.publish(Samples.token(i));
            }
        }
        List<TokenEntropyBatch> batches = batches(producer.history());
        assertThat(producer.history()).allSatisfy(record -> {
            assertThat(record.topic()).isEqualTo(TOPIC);
            assertThat(record.key()).isEqualTo(Ids.generatorKey(Samples.GENERATOR));
        });
        assertThat(batches).hasSize(20);
        assertThat(tokens(batches)).isEqualTo(upTo(20));
        assertThat(batches).extracting(TokenEntropyBatch::getRecordNumber).containsExactlyElementsOf(numbers(20));
        assertThat(count("published")).isEqualTo(20);
        assertThat(count("dropped")).isZero();
    }

    @Test
    void stepsThatWaitAreSentAsOneRecord() throws Exception {
        GatedProducer producer = GatedProducer.onceOnly();
        try (KafkaEntropyPublisher publisher = publisher(producer, 100, 8)) {
            publisher.publish(Samples.token(0));
            producer.sending.await();
            for (int i = 1; i < 20; i++) {
                publisher.publish(Samples.token(i));
            }
            producer.gate.countDown();
        }
        List<TokenEntropyBatch> batches = batches(producer.history());
        assertThat(batches.get(0).getRuns().get(0).getTokens()).isEqualTo(1);
        assertThat(batches.get(1).getRuns().get(0).getTokens()).as("the limit").isEqualTo(8);
        assertThat(batches).hasSize(1 + 3).allSatisfy(batch -> assertThat(batch.getRuns())
                .hasSize(1));
        assertThat(tokens(batches)).isEqualTo(upTo(20));
        assertThat(batches).extracting(TokenEntropyBatch::getRecordNumber).containsExactlyElementsOf(numbers(4));
    }

    @Test
    void aFullQueueDropsAndLeavesAGapWhereTheyAreMissing() throws Exception {
        GatedProducer producer = GatedProducer.onceOnly();
        try (KafkaEntropyPublisher publisher = publisher(producer, 3, 1)) {
            publisher.publish(Samples.token(0));
            producer.sending.await();
            // 1 to 3 fill the queue; 4 to 8 find it full, and none of these calls waits.
            for (int i = 1; i < 9; i++) {
                publisher.publish(Samples.token(i));
            }
            assertThat(count("dropped")).isEqualTo(5);
            producer.gate.countDown();
            while (count("published") < 4) {
                Thread.onSpinWait();
            }
            publisher.publish(Samples.token(9));
        }
        List<TokenEntropyBatch> batches = batches(producer.history());
        assertThat(tokens(batches)).containsExactly(0, 1, 2, 3, 9);
        assertThat(batches).extracting(TokenEntropyBatch::getRecordNumber).containsExactly(0L, 1L, 2L, 3L, 9L);
    }

    @Test
    void theStartOfADroppedStepComesBehindWhatWasQueuedBefore() throws Exception {
        GatedProducer producer = GatedProducer.onceOnly();
        try (KafkaEntropyPublisher publisher = publisher(producer, 1, 1)) {
            publisher.publish(Samples.token(0));
            producer.sending.await();
            publisher.publish(Samples.token(1));
            publisher.publish(Samples.lifecycle(9, true, false));
            assertThat(count("dropped")).isEqualTo(1);
            producer.gate.countDown();
        }
        List<TokenEntropyBatch> batches = batches(producer.history());
        assertThat(batches).hasSize(3);
        assertThat(tokens(batches)).containsExactly(0, 1);
        assertThat(batches.get(2).getStarts()).hasSize(1);
    }

    @Test
    void stepsOnBothSidesOfAGapAreNotMerged() throws Exception {
        GatedProducer producer = new GatedProducer();
        try (KafkaEntropyPublisher publisher = publisher(producer, 2, 8)) {
            publisher.publish(Samples.token(0));
            producer.sending.await();
            publisher.publish(Samples.token(1));
            publisher.publish(Samples.token(2));
            publisher.publish(Samples.token(3));
            // The sender takes 1 and 2 together and waits at the second gate, so that 4 and 5 queue behind the gap.
            producer.gate.countDown();
            producer.secondSending.await();
            publisher.publish(Samples.token(4));
            publisher.publish(Samples.token(5));
            producer.secondGate.countDown();
        }
        List<TokenEntropyBatch> batches = batches(producer.history());
        assertThat(tokens(batches)).containsExactly(0, 1, 2, 4, 5);
        assertThat(batches).extracting(TokenEntropyBatch::getRecordNumber).containsExactly(0L, 1L, 3L);
    }

    @Test
    void stepsThatCannotBeEncodedAreCountedAndTakeNoOthersAlong() throws Exception {
        GatedProducer producer = GatedProducer.onceOnly();
        try (KafkaEntropyPublisher publisher = publisher(producer, 4, 8)) {
            publisher.publish(Samples.token(0));
            producer.sending.await();
            publisher.publish(Samples.token(1));
            publisher.publish(Samples.token(2));
            // Two steps whose runs do not follow each other and cannot be merged.
            publisher.publish(Samples.token(3));
            publisher.publish(Samples.token(7));
            publisher.publish(Samples.token(8));
            producer.gate.countDown();
            while (count("failed") < 4) {
                Thread.onSpinWait();
            }
            publisher.publish(Samples.token(9));
        }
        List<TokenEntropyBatch> batches = batches(producer.history());
        assertThat(tokens(batches)).containsExactly(0, 9);
        assertThat(batches)
                .extracting(TokenEntropyBatch::getRecordNumber)
                .as("one record could not be made, one step was dropped")
                .containsExactly(0L, 3L);
        assertThat(count("failed")).isEqualTo(4);
        assertThat(count("dropped")).isEqualTo(1);
    }

    @Test
    void aGapKeepsWhatIsBeforeItFromAFaultBehindIt() throws Exception {
        GatedProducer producer = new GatedProducer();
        try (KafkaEntropyPublisher publisher = publisher(producer, 2, 8)) {
            publisher.publish(Samples.token(0));
            producer.sending.await();
            publisher.publish(Samples.token(1));
            publisher.publish(Samples.token(2));
            publisher.publish(Samples.token(3));
            producer.gate.countDown();
            producer.secondSending.await();
            // Behind the gap, and not to be merged.
            publisher.publish(Samples.token(4));
            publisher.publish(Samples.token(9));
            producer.secondGate.countDown();
            while (count("failed") < 2) {
                Thread.onSpinWait();
            }
        }
        assertThat(tokens(batches(producer.history()))).containsExactly(0, 1, 2);
    }

    @Test
    void failuresAreCountedAndGetOver() throws Exception {
        MockProducer<byte[], byte[]> producer =
                new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        try (KafkaEntropyPublisher publisher = publisher(producer, 100, 1)) {
            publisher.publish(Samples.token(0));
            while (!producer.errorNext(new TimeoutException("told to"))) {
                Thread.onSpinWait();
            }
            assertThat(count("failed")).isEqualTo(1);
            assertThat(reachable()).isZero();
            publisher.publish(Samples.token(1));
            while (!producer.completeNext()) {
                Thread.onSpinWait();
            }
            assertThat(reachable()).isEqualTo(1);
        }
    }

    @Test
    void withoutABrokerPublishingNeverWaitsAndClosingEnds() {
        int steps = 200_000;
        long before = System.nanoTime();
        try (KafkaEntropyPublisher publisher = KafkaEntropyPublisher.open(
                Samples.options(16, 4), EventOptions.numbersOnly(), Samples.GENERATOR, metrics)) {
            long opened = System.nanoTime();
            for (int i = 0; i < steps; i++) {
                publisher.publish(Samples.token(i));
            }
            double microsPerStep = (System.nanoTime() - opened) / 1e3 / steps;
            // Waiting for Kafka only once per step would cost at least the 200 ms of max.block.ms.
            assertThat(microsPerStep).isLessThan(1000);
            assertThat(count("dropped")).isGreaterThan(steps / 2.0);
            while (count("failed") < 1) {
                Thread.onSpinWait();
            }
            assertThat(reachable()).isZero();
        }
        assertThat(count("published")).isZero();
        assertThat(System.nanoTime() - before).isLessThan(50_000_000_000L);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("edistream-sender"));
    }

    private double count(String fate) {
        return Metrics.value(metrics, "edistream_generator_records", TOPIC, fate);
    }

    private double reachable() {
        return Metrics.value(metrics, "edistream_generator_kafka_reachable", TOPIC);
    }

    private KafkaEntropyPublisher publisher(MockProducer<byte[], byte[]> producer, int capacity, int merged) {
        return new KafkaEntropyPublisher(
                producer, Samples.options(capacity, merged), EventOptions.numbersOnly(), Samples.GENERATOR, metrics);
    }

    private static MockProducer<byte[], byte[]> producer() {
        return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static List<TokenEntropyBatch> batches(List<ProducerRecord<byte[], byte[]>> records) throws Exception {
        RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
        List<TokenEntropyBatch> batches = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> record : records) {
            batches.add(codec.decode(record.value()));
        }
        return batches;
    }

    private static List<Integer> tokens(List<TokenEntropyBatch> batches) {
        List<Integer> tokens = new ArrayList<>();
        batches.forEach(batch -> batch.getRuns().forEach(run -> {
            for (int i = 0; i < run.getTokens(); i++) {
                tokens.add(run.getFirstToken() + i);
            }
        }));
        return tokens;
    }

    private static List<Integer> upTo(int end) {
        return java.util.stream.IntStream.range(0, end).boxed().toList();
    }

    private static List<Long> numbers(int end) {
        return java.util.stream.LongStream.range(0, end).boxed().toList();
    }

    /** Holds the sender's thread in its first and second send until the gates open. */
    private static final class GatedProducer extends MockProducer<byte[], byte[]> {

        final CountDownLatch sending = new CountDownLatch(1);
        final CountDownLatch gate = new CountDownLatch(1);
        final CountDownLatch secondSending = new CountDownLatch(1);
        final CountDownLatch secondGate = new CountDownLatch(1);
        private int sends;

        GatedProducer() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        static GatedProducer onceOnly() {
            GatedProducer producer = new GatedProducer();
            producer.secondGate.countDown();
            return producer;
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            sends++;
            if (sends == 1) {
                pass(sending, gate);
            } else if (sends == 2) {
                pass(secondSending, secondGate);
            }
            return super.send(record, callback);
        }

        private static void pass(CountDownLatch arrived, CountDownLatch gate) {
            arrived.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
