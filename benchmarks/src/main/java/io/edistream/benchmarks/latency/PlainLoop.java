package io.edistream.benchmarks.latency;

import io.edistream.benchmarks.Clients;
import io.edistream.benchmarks.Clients.Sender;
import io.edistream.benchmarks.PlainJob;
import io.edistream.benchmarks.RecordReader;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import java.time.Duration;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.WakeupException;

/** {@link PlainJob} on a thread of its own, until it is closed. */
final class PlainLoop implements AutoCloseable {

    private static final Duration POLL = Duration.ofSeconds(1);

    private final Consumer<byte[], byte[]> consumer;
    private final Sender sender;
    private final PlainJob job;
    private final Thread thread = new Thread(this::run, "plain-loop");

    PlainLoop(Clients clients, Topics topics, WatchSettings settings) {
        this.consumer = clients.consumer(topics.tokenEntropy());
        this.sender = clients.sender();
        this.job = new PlainJob(RecordReader.byHand(), settings, topics, sender);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try (consumer;
                sender) {
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    job.take(record.value());
                }
            }
        } catch (WakeupException e) {
            // Closed.
        } catch (UnreadableRecordException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
