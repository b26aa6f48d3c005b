package io.edistream.generator.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.generator.decode.Metrics;
import io.edistream.generator.event.EventOptions;
import io.edistream.generator.metrics.GeneratorMetrics;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.UnreadableRecordException;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
        volatile byte[] lastLost = RecordCodec.of(TokenEntropyBatch.class)
                .encode(TokenEntropyBatch.newBuilder()
                        .setGenerator(Ids.generatorId(5))
                        .setRecordNumber(0)
                        .setDecodedAtMicros(0)
                        .build());

        OutageProducer() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            if (!down) {
                return super.send(record, callback);
            }
            lastLost = record.value();
            TimeoutException failure = new TimeoutException("the broker is away");
            callback.onCompletion(null, failure);
            return CompletableFuture.failedFuture(failure);
        }
    }
}
