package io.edistream.jobs.telemetry;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** A client of brokers that do what a test says. */
final class FakeProducer extends MockProducer<byte[], byte[]> {

    /** What is wrong with asking for the topic, if anything. */
    volatile @Nullable RuntimeException topicAnswer;
    /** What a record is answered, null if it is taken. */
    volatile Function<ProducerRecord<byte[], byte[]>, @Nullable RuntimeException> answer = record -> null;
    /** Whether send neither returns nor hears interrupts until the test ends. */
    volatile boolean deaf;
    /** Whether send waits until it is interrupted. */
    volatile boolean blocks;

    volatile int partitions = 1;

    final CountDownLatch sending = new CountDownLatch(1);
    final CountDownLatch testEnded = new CountDownLatch(1);
    final AtomicInteger closings = new AtomicInteger();
    final List<ProducerRecord<byte[], byte[]>> taken = new CopyOnWriteArrayList<>();

    Producer<byte[], byte[]> self() {
        return this;
    }

    @Override
    public List<PartitionInfo> partitionsFor(String topic) {
        RuntimeException thrown = topicAnswer;
        if (thrown != null) {
            throw thrown;
        }
        return IntStream.range(0, partitions)
                .mapToObj(partition -> new PartitionInfo(topic, partition, null, null, null))
                .toList();
    }

    // A test that holds up one record must not hold up the rest of the client.
    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    @Override
    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
        sending.countDown();
        while (deaf && testEnded.getCount() > 0) {
            LockSupport.parkNanos(1_000_000);
        }
        if (blocks) {
            try {
                testEnded.await();
            } catch (InterruptedException e) {
                throw new org.apache.kafka.common.errors.InterruptException(e);
            }
        }
        RuntimeException thrown = answer.apply(record);
        if (thrown == null) {
            taken.add(record);
        }
        RecordMetadata metadata = new RecordMetadata(new TopicPartition(record.topic(), 0), 0, 0, 0, 0, 0);
        callback.onCompletion(thrown == null ? metadata : null, thrown);
        return CompletableFuture.completedFuture(metadata);
    }

    @Override
    public void close(Duration timeout) {
        closings.incrementAndGet();
    }
}
