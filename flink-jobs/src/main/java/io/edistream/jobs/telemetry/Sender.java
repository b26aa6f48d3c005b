package io.edistream.jobs.telemetry;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Sends what is in an outbox, on a thread of its own, for as long as it is not closed, whatever happens.
 *
 * <p>After a failure it is careful: it pauses, asks whether the topic is there, and sends one record at a time until one is
 * acknowledged.
 */
final class Sender implements Runnable {

    /** How long it waits after a failure, and for a next record before it looks whether there is something to be logged. */
    private static final long PAUSE_MILLIS = 1_000;

    /** When a record that Kafka refused by itself is tried again; somebody may change the topic's settings. */
    private static final long ASIDE_MILLIS = 30_000;

    private final String topic;
    private final boolean everyPartition;
    private final ProducerFactory factory;
    private final Outbox outbox;
    private final Troubles troubles;
    private final Clock clock;

    private final CountDownLatch closed = new CountDownLatch(1);
    private @Nullable Producer<byte[], byte[]> producer;
    private volatile boolean careful = true;
    private volatile boolean pause;
    private volatile boolean reopen;

    /**
     * @param everyPartition whether each record goes to every partition of the topic
     */
    Sender(
            String topic,
            boolean everyPartition,
            ProducerFactory factory,
            Outbox outbox,
            Troubles troubles,
            Clock clock) {
        this.topic = topic;
        this.everyPartition = everyPartition;
        this.factory = factory;
        this.outbox = outbox;
        this.troubles = troubles;
        this.clock = clock;
    }

    @Override
    public void run() {
        try {
            while (isOpen()) {
                round();
            }
        } finally {
            closeProducer();
        }
    }

    /** Lets {@link #run} end as soon as it can; its thread is to be interrupted too. */
    void close() {
        closed.countDown();
    }

    private boolean isOpen() {
        return closed.getCount() > 0;
    }

    private void round() {
        try {
            troubles.report(outbox.isRelaxed());
            if (reopen) {
                closeProducer();
                reopen = false;
            }
            if (pause) {
                pause = false;
                if (closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
            Entry entry = outbox.take(careful, clock.millis(), PAUSE_MILLIS);
            if (entry != null) {
                send(entry);
            }
        } catch (InterruptedException e) {
            // Whoever closes this interrupts; nobody else does, or it means nothing.
        } catch (Throwable t) {
            // Errors too: without this thread nothing is sent any more, and what went wrong is in the log.
            failed(Failure.BROKEN, t);
        }
    }

    private void send(Entry entry) {
        Producer<byte[], byte[]> to;
        List<ProducerRecord<byte[], byte[]>> records;
        try {
            to = opened();
            records = addressed(entry, to);
        } catch (RuntimeException | Error e) {
            outbox.giveBack(entry);
            failed(Failure.of(e), e);
            return;
        }
        Delivery delivery = new Delivery(entry, records.size());
        for (ProducerRecord<byte[], byte[]> record : records) {
            send(record, to, delivery);
        }
    }

    // What the future would tell, the callback does.
    @SuppressWarnings("FutureReturnValueIgnored")
    private static void send(ProducerRecord<byte[], byte[]> record, Producer<byte[], byte[]> to, Callback delivery) {
        try {
            to.send(record, delivery);
        } catch (RuntimeException e) {
            delivery.onCompletion(null, e);
        }
    }

    private Producer<byte[], byte[]> opened() {
        if (producer == null) {
            producer = factory.open();
        }
        return producer;
    }

    private List<ProducerRecord<byte[], byte[]>> addressed(Entry entry, Producer<byte[], byte[]> to) {
        if (!everyPartition) {
            if (careful) {
                // Throws if the topic is not there, before anything is risked.
                to.partitionsFor(topic);
            }
            return List.of(new ProducerRecord<>(topic, entry.key(), entry.value()));
        }
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        int partitions = to.partitionsFor(topic).size();
        for (int partition = 0; partition < partitions; partition++) {
            records.add(new ProducerRecord<>(topic, partition, entry.key(), entry.value()));
        }
        return records;
    }

    private void settle(Entry entry, @Nullable Exception failed) {
        if (failed == null) {
            outbox.acknowledged(entry);
            careful = false;
            troubles.succeeded();
            return;
        }
        if (!isOpen()) {
            // The client was closed over it; it counts as unacknowledged.
            return;
        }
        Failure failure = Failure.of(failed);
        if (failure == Failure.RECORD) {
            outbox.failedAlone(entry, clock.millis() + ASIDE_MILLIS);
            troubles.failed(failure, failed);
            return;
        }
        outbox.failed(entry);
        if (failure == Failure.UNREACHABLE && !careful) {
            // The first look at the topic may know better, for instance that it was deleted.
            careful = true;
        } else {
            failed(failure, failed);
        }
    }

    private void failed(Failure failure, Throwable thrown) {
        if (!isOpen()) {
            return;
        }
        careful = true;
        pause = true;
        reopen |= failure == Failure.BROKEN;
        troubles.failed(failure, thrown);
    }

    private void closeProducer() {
        Producer<byte[], byte[]> old = producer;
        producer = null;
        if (old != null) {
            // Closing waits for the client's own thread, which an interrupt would cut short.
            boolean interrupted = Thread.interrupted();
            try {
                old.close(Duration.ZERO);
            } catch (RuntimeException e) {
                // It sends nothing any more, which is what was wanted.
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** One record on its way to one partition or to all of them. */
    private final class Delivery implements Callback {

        private final Entry entry;
        private final AtomicInteger open;
        private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

        private Delivery(Entry entry, int records) {
            this.entry = entry;
            this.open = new AtomicInteger(records);
        }

        @Override
        public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception thrown) {
            if (thrown != null) {
                failure.compareAndSet(null, thrown);
            }
            if (open.decrementAndGet() == 0) {
                settle(entry, failure.get());
            }
        }
    }
}
