package io.edistream.sequences.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.kafka.KafkaSender.Outgoing;
import io.edistream.sequences.kafka.KafkaSender.Queued;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.sequences.metrics.Metrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KafkaSenderTest {

    private static final String TOPIC = "topic";
    private static final int FAULTY = 13;
    private static final int FATAL = 99;

    private final GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());

    @Test
    void anItemThatCannotBeEncodedCostsNoOther() {
        try (KafkaSender<Integer> sender = sender()) {
            for (int item : new int[] {1, 2, FAULTY, 3}) {
                sender.offer(item);
            }
        }
        assertThat(producer.history())
                .extracting(record -> (int) record.value()[0])
                .containsExactly(1, 2, 3);
        assertThat(count("published")).isEqualTo(3);
        assertThat(count("failed")).isEqualTo(1);
    }

    @Test
    void aSenderThatEndsSaysSo() {
        try (KafkaSender<Integer> sender = sender()) {
            sender.offer(1);
            while (reachable() != 1) {
                Thread.onSpinWait();
            }
            sender.offer(FATAL);
            while (reachable() != 0) {
                Thread.onSpinWait();
            }
            double dropped = count("dropped");
            sender.offer(2);
            assertThat(count("dropped")).isEqualTo(dropped + 1);
        }
        assertThat(producer.history()).hasSize(1);
    }

    private double reachable() {
        return Metrics.value(metrics, "edistream_generator_kafka_reachable", TOPIC);
    }

    private double count(String fate) {
        return Metrics.value(metrics, "edistream_generator_records", TOPIC, fate);
    }

    private KafkaSender<Integer> sender() {
        return new KafkaSender<>(TOPIC, producer, new Numbers(), 8, Samples.options(100, 8), metrics);
    }

    private static final class Numbers implements KafkaSender.Encoder<Integer> {

        @Override
        public int inOneRecord(List<Queued<Integer>> items) {
            return 1;
        }

        @Override
        public List<Outgoing> records(List<Queued<Integer>> items) {
            int item = items.get(0).item();
            if (item == FATAL) {
                throw new StackOverflowError("on purpose");
            }
            if (item == FAULTY) {
                throw new IllegalStateException("faulty on purpose");
            }
            return List.of(Outgoing.of(new ProducerRecord<>(TOPIC, new byte[] {(byte) item})));
        }
    }
}
