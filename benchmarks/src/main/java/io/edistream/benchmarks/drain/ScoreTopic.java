package io.edistream.benchmarks.drain;

import io.edistream.benchmarks.Clients;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** The topic of final scores, seen from outside: how many there are, when they were sent, whether they are right. */
final class ScoreTopic implements AutoCloseable {

    private static final long POLL_MILLIS = 10;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(3);

    private final TopicPartition partition;
    private final Consumer<byte[], byte[]> consumer;

    ScoreTopic(Clients clients, String topic) {
        this.partition = Clients.partition(topic);
        this.consumer = clients.consumer(topic);
    }

    /** How many scores there are. */
    long size() {
        return consumer.endOffsets(List.of(partition)).get(partition);
    }

    /** Returns when there are so many scores; only asks for their number, so as not to disturb whoever writes them. */
    void await(long size) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        long now = size();
        while (now < size) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("only " + now + " of " + size + " scores came within three minutes");
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            now = size();
        }
    }

    /** What is to be known of the scores from {@code first} on. */
    Written read(long first, int count) {
        consumer.seek(partition, first);
        long firstMillis = 0;
        long lastMillis = 0;
        long hash = 1;
        int read = 0;
        while (read < count) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(10))) {
                firstMillis = read == 0 ? record.timestamp() : firstMillis;
                lastMillis = record.timestamp();
                hash = 31 * hash + Arrays.hashCode(record.value());
                read++;
            }
        }
        return new Written((lastMillis - firstMillis) / 1e3, hash);
    }

    @Override
    public void close() {
        consumer.close();
    }

    /**
     * Some scores that were written.
     *
     * @param seconds between the sending of the first and of the last one
     * @param hash of all their bytes, in order
     */
    record Written(double seconds, long hash) {}
}
