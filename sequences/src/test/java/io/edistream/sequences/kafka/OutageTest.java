package io.edistream.sequences.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.UnreadableRecordException;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.SequenceEnded.Delivery;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.event.TokenRun;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.sequences.metrics.Metrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
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

/** The broker goes away in mid-run and comes back. */
@Timeout(60)
class OutageTest {

    private final GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());
    private static final String TEXT = "t".repeat(4_000);

    private final OutageProducer producer = new OutageProducer();

    @Test
    void startsAndEndsArriveAfterItAndTokensHaveAGap() throws Exception {
        try (KafkaEntropyPublisher publisher =
                new KafkaEntropyPublisher(producer, Samples.options(100, 1), EventOptions.numbersOnly(), 5, metrics)) {
            publisher.publish(Samples.lifecycle(7, true, false));
            await("published", 1);
            producer.down = true;
            publisher.publish(Samples.lifecycle(8, true, false));
            publisher.publish(Samples.token(0));
            publisher.publish(Samples.token(1));
            publisher.publish(Samples.lifecycle(7, false, true));
            // Starts and ends are tried again in between, so that counting failures does not tell what was tried.
            while (!read(producer.lastLost).getFinishes().stream().anyMatch(end -> end.getSequence() == 7)) {
                Thread.onSpinWait();
            }
            producer.down = false;
            publisher.publish(Samples.token(2));
            publisher.publish(Samples.lifecycle(8, false, true));
        }
        List<TokenEntropyBatch> batches = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> record : producer.history()) {
            batches.add(read(record.value()));
        }
        List<String> story = new ArrayList<>();
        for (TokenEntropyBatch batch : batches) {
            batch.getStarts().stream().map(SequenceStart::getSequence).forEach(start -> story.add("start " + start));
            batch.getRuns().forEach(run -> story.add("token " + run.getFirstToken()));
            batch.getFinishes().stream().map(SequenceFinish::getSequence).forEach(end -> story.add("end " + end));
        }
        assertThat(story).containsExactlyInAnyOrder("start 7", "start 8", "token 2", "end 7", "end 8");
        assertThat(story).containsSubsequence("start 7", "end 7");
        assertThat(story).containsSubsequence("start 8", "token 2", "end 8");
    }

    @Test
    void anEndIsNotKeptUntilSomethingElseIsDecoded() throws Exception {
        try (KafkaEntropyPublisher publisher =
                new KafkaEntropyPublisher(producer, Samples.options(100, 1), EventOptions.numbersOnly(), 5, metrics)) {
            publisher.publish(Samples.lifecycle(7, true, false));
            await("published", 1);
            producer.down = true;
            publisher.publish(Samples.lifecycle(7, false, true));
            await("failed", 2);
            producer.down = false;
            await("published", 2);
        }
        assertThat(read(producer.history().get(1).value()).getFinishes()).hasSize(1);
    }

    /** A minute at 20 steps a second: 256 sequences at a time, each of 40 tokens and a text, one after another. */
    @Test
    void aMinuteOfManySequencesWithTextsCostsTokensAndNothingElse() throws Exception {
        int rows = 256;
        int tokens = 40;
        int before = 100;
        int outage = 1_200;
        int steps = before + outage + 300;
        CountDownLatch over = new CountDownLatch(1);
        try (KafkaEntropyPublisher publisher =
                new KafkaEntropyPublisher(producer, Samples.options(64, 64), EventOptions.everything(), 5, metrics)) {
            for (int step = 0; step < steps; step++) {
                if (step == before) {
                    producer.blockedUntil = over;
                    producer.down = true;
                } else if (step == before + outage) {
                    producer.down = false;
                    over.countDown();
                    awaitTakenUpTo(step - 1);
                }
                publisher.publish(minute(step, rows, tokens));
                if (!producer.down) {
                    awaitTakenUpTo(step);
                }
            }
        }
        assertThat(Metrics.value(metrics, "edistream_generator_records", "dropped"))
                .as("the queue was full")
                .isGreaterThan(1_000);
        assertThat(Metrics.value(metrics, "edistream_generator_texts_left_out")).isZero();
        Map<Long, Integer> starts = new HashMap<>();
        Map<Long, Integer> ends = new HashMap<>();
        for (ProducerRecord<byte[], byte[]> record : producer.history()) {
            assertThat(record.value()).hasSizeLessThanOrEqualTo(900_000);
            TokenEntropyBatch batch = read(record.value());
            batch.getStarts().forEach(start -> starts.merge(start.getSequence(), 1, Integer::sum));
            batch.getFinishes().forEach(end -> {
                ends.merge(end.getSequence(), 1, Integer::sum);
                assertThat(end.getText()).isEqualTo(TEXT);
            });
        }
        assertThat(starts.values()).as("each once").containsOnly(1);
        assertThat(ends.values()).as("each once").containsOnly(1);
        int lives = steps / tokens;
        assertThat(ends.keySet()).as("whatever started ended").isEqualTo(starts.keySet());
        for (long sequence = 0; sequence < (long) rows * lives; sequence++) {
            long life = sequence / rows;
            boolean overlapsGoodTime = life * tokens < before || (life + 1) * tokens > before + outage;
            if (overlapsGoodTime) {
                assertThat(starts).containsKey(sequence);
            }
        }
    }

    private static StepEvents minute(int step, int rows, int tokens) {
        int life = step / tokens;
        int token = step % tokens;
        List<SequenceStarted> starts = new ArrayList<>();
        List<TokenRun> runs = new ArrayList<>();
        List<SequenceEnded> ends = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            long sequence = (long) life * rows + row;
            if (token == 0) {
                starts.add(Samples.start(sequence));
            }
            runs.add(new TokenRun(sequence, token, Samples.run(token).tokens(), "bit "));
            if (token == tokens - 1) {
                ends.add(new SequenceEnded(
                        sequence, tokens, EndReason.LENGTH, false, Delivery.all(tokens), 2000, null, null, null, TEXT));
            }
        }
        return new StepEvents(step * 50_000L, starts, runs, ends);
    }

    /** Waits until Kafka has what there is to be sent of this and earlier steps. */
    private void awaitTakenUpTo(int step) throws UnreadableRecordException {
        boolean taken = false;
        while (!taken) {
            Thread.onSpinWait();
            List<ProducerRecord<byte[], byte[]>> sent = producer.history();
            taken = !sent.isEmpty() && read(sent.get(sent.size() - 1).value()).getDecodedAtMicros() >= step * 50_000L;
        }
    }

    private static TokenEntropyBatch read(byte[] value) throws UnreadableRecordException {
        return RecordCodec.of(TokenEntropyBatch.class).decode(value);
    }

    private void await(String fate, int count) {
        while (Metrics.value(metrics, "edistream_generator_records", fate) < count) {
            Thread.onSpinWait();
        }
    }

    private static final class OutageProducer extends MockProducer<byte[], byte[]> {

        volatile boolean down;
        volatile CountDownLatch blockedUntil = new CountDownLatch(0);
        volatile byte[] lastLost = RecordCodec.of(TokenEntropyBatch.class)
                .encode(TokenEntropyBatch.newBuilder()
                        .setGenerator(Ids.generatorId(5))
                        .setRecordNumber(0)
                        .setDecodedAtMicros(0)
                        .build());

        OutageProducer() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        /** As long as a record may take, which ends when the outage does. */
        private void awaitEnd() {
            try {
                blockedUntil.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            if (!down) {
                return super.send(record, callback);
            }
            awaitEnd();
            lastLost = record.value();
            TimeoutException failure = new TimeoutException("the broker is away");
            callback.onCompletion(null, failure);
            return CompletableFuture.failedFuture(failure);
        }
    }
}
