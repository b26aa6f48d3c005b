package io.edistream.sequences.kafka;

import io.edistream.sequences.metrics.GeneratorMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded queue in front of a producer, and the thread that empties it. Whoever offers never waits: neither for
 * Kafka nor for encoding, which happens on the sender's thread too.
 *
 * @param <T> what is queued
 */
final class KafkaSender<T> implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaSender.class);
    private static final long IDLE_MILLIS = 100;

    private final String topic;
    private final Producer<byte[], byte[]> producer;
    private final Encoder<T> encoder;
    private final int maxTaken;
    private final Duration closeTimeout;
    private final GeneratorMetrics metrics;
    private final BlockingQueue<Queued<T>> queue;
    private final Reachability reachability;
    private final Thread thread;
    private int droppedSinceQueued;
    private boolean lastTried;
    private volatile boolean closing;
    private volatile boolean abandoned;

    /**
     * @param encoder makes records of what is taken from the queue; called on one thread, in order
     * @param maxTaken most items taken from the queue at a time, which is the most that one record can be made of
     */
    KafkaSender(
            String topic,
            Producer<byte[], byte[]> producer,
            Encoder<T> encoder,
            int maxTaken,
            KafkaOptions options,
            GeneratorMetrics metrics) {
        this.topic = topic;
        this.producer = producer;
        this.encoder = encoder;
        this.maxTaken = maxTaken;
        this.closeTimeout = options.closeTimeout();
        this.metrics = metrics;
        this.reachability = new Reachability(
                topic, "records are lost from now on", "records get through", metrics, System::nanoTime);
        metrics.expects(topic);
        this.queue = new ArrayBlockingQueue<>(options.queueCapacity());
        this.thread = new Thread(this::run, "edistream-sender-" + topic);
        thread.setDaemon(true);
        thread.start();
    }

    /** Queues an item, or drops and counts it if the queue is full. The lock is only held for as long as that takes. */
    synchronized void offer(T item) {
        // The sender's thread only ever makes room, so that there still is some when the item is queued.
        if (!closing && queue.remainingCapacity() > 0 && queue.offer(queued(item))) {
            droppedSinceQueued = 0;
        } else {
            encoder.dropped(item);
            droppedSinceQueued++;
            metrics.dropped(topic);
        }
    }

    private Queued<T> queued(T item) {
        return new Queued<>(encoder.withDropped(item), droppedSinceQueued);
    }

    @Override
    public void close() {
        closing = true;
        boolean interrupted = !joined(closeTimeout);
        abandoned = true;
        // With no time left this ends a send that still waits for a broker, and with it the thread.
        producer.close(thread.isAlive() ? Duration.ZERO : closeTimeout);
        interrupted |= !joined(Duration.ofSeconds(1));
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            List<Queued<T>> taken = new ArrayList<>();
            while (takeInto(taken)) {
                sendAll(taken);
                taken.clear();
            }
        } catch (Throwable e) {
            // There is no other thread that sends. What is offered from now on is counted as dropped.
            LOG.error("Topic {}: the sender ends, nothing will be sent any more", topic, e);
            closing = true;
            metrics.reachable(topic, false);
        }
        List<Queued<T>> unsent = new ArrayList<>();
        queue.drainTo(unsent);
        unsent.forEach(this::giveUp);
    }

    private synchronized void giveUp(Queued<T> unsent) {
        metrics.failed(topic);
        encoder.dropped(unsent.item());
    }

    private void sendAll(List<Queued<T>> taken) {
        List<Queued<T>> left = taken;
        while (!left.isEmpty()) {
            int count = encoder.inOneRecord(left);
            send(left.subList(0, count));
            left = left.subList(count, left.size());
        }
    }

    /** False when closing and all is sent, or given up. */
    private boolean takeInto(List<Queued<T>> taken) {
        while (!abandoned) {
            boolean last = closing;
            @Nullable Queued<T> first = poll();
            if (first != null) {
                taken.add(first);
                queue.drainTo(taken, maxTaken - 1);
                return true;
            }
            if (!lastTried && leftOverInto(taken)) {
                lastTried = last;
                return true;
            }
            if (last) {
                return false;
            }
        }
        return false;
    }

    private synchronized boolean leftOverInto(List<Queued<T>> taken) {
        // Nothing left over may overtake what was queued meanwhile.
        if (queue.isEmpty()) {
            encoder.leftOver().ifPresent(item -> taken.add(new Queued<>(item, 0)));
        }
        return !taken.isEmpty();
    }

    private @Nullable Queued<T> poll() {
        try {
            return closing ? queue.poll() : queue.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            // Nobody else knows this thread; whoever stops it does so through close().
            return null;
        }
    }

    private void send(List<Queued<T>> items) {
        List<Outgoing> records;
        try {
            records = encoder.records(items);
        } catch (RuntimeException e) {
            // A fault of ours and not of Kafka's; the next items may be fine, and this thread is the only one there is.
            LOG.error("Topic {}: {} items could not be encoded and are lost", topic, items.size(), e);
            items.forEach(item -> metrics.failed(topic));
            return;
        }
        records.forEach(this::send);
    }

    private void send(Outgoing outgoing) {
        try {
            Future<RecordMetadata> unused = producer.send(outgoing.record, (metadata, e) -> settled(outgoing, e));
        } catch (RuntimeException e) {
            // Thrown instead of handed to the callback: a closed producer, a record that is too large.
            settled(outgoing, e);
        }
    }

    private void settled(Outgoing outgoing, @Nullable Exception failure) {
        outgoing.settled.accept(fate(failure));
        if (failure == null) {
            metrics.published(topic);
        } else {
            metrics.failed(topic);
        }
        if (failure == null) {
            reachability.through();
        } else {
            reachability.lost(String.valueOf(failure));
        }
    }

    private static Fate fate(@Nullable Exception failure) {
        if (failure == null) {
            return Fate.THROUGH;
        }
        return failure instanceof RecordTooLargeException ? Fate.TOO_LARGE : Fate.FAILED;
    }

    /** False if the waiting thread was interrupted. */
    private boolean joined(Duration atMost) {
        try {
            thread.join(Math.max(1, atMost.toMillis()));
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** Makes records of items. */
    interface Encoder<T> {

        /** How many of the items, from the first one on, make the next record: at least 1. */
        int inOneRecord(List<Queued<T>> items);

        /**
         * Makes one record, or several if one would be too large.
         *
         * @throws RuntimeException if that is not possible; the items are lost then
         */
        List<Outgoing> records(List<Queued<T>> items);

        /** The item with what must not be missing of those that were dropped before it; guarded by the sender. */
        default T withDropped(T item) {
            return item;
        }

        /** An item was dropped; guarded by the sender. */
        default void dropped(T item) {}

        /** What is to be sent although nothing is queued, if anything is; guarded by the sender. */
        default Optional<T> leftOver() {
            return Optional.empty();
        }
    }

    /**
     * A record to be sent.
     *
     * @param record the record
     * @param settled told what became of it, on any thread
     */
    record Outgoing(ProducerRecord<byte[], byte[]> record, Consumer<Fate> settled) {

        /** A record that is not missed. */
        static Outgoing of(ProducerRecord<byte[], byte[]> record) {
            return new Outgoing(record, fate -> {});
        }
    }

    /** What became of a record. */
    enum Fate {
        THROUGH,
        /** It may succeed another time. */
        FAILED,
        /** Producer or broker take none of this size. */
        TOO_LARGE
    }

    /**
     * An item in the queue.
     *
     * @param item what was offered
     * @param droppedBefore items dropped between the one queued before it and this one
     */
    record Queued<T>(T item, int droppedBefore) {}
}
