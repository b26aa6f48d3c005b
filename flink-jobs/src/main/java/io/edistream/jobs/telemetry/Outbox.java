package io.edistream.jobs.telemetry;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What waits for Kafka: written by the job's thread, taken by the one that sends, settled by Kafka's. Adding never waits
 * longer than another thread takes to move one record.
 *
 * <p>When it is full, the oldest record that may be dropped gives way, since a newer one of the same sequence says more; a
 * kept record is refused only where kept ones alone fill it. Records are taken in the order in which they came, one that was
 * given back at its old place.
 */
final class Outbox {

    /** Sent at a time and not acknowledged: enough for one full request, little enough to be lost. */
    private static final int MAX_SENT_BYTES = 1 << 20;

    private static final int MAX_SENT_RECORDS = 4096;

    private final OutboxLimits limits;
    private final Consumer<RecordKind> full;
    private final Consumer<RecordKind> lost;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    private final Queue<Entry> kept = new PriorityQueue<>(Comparator.comparingLong(Entry::number));
    private final Deque<Entry> droppable = new ArrayDeque<>();
    private final Deque<Aside> aside = new ArrayDeque<>();
    private final Set<Entry> sent = new HashSet<>();
    private final Tally all = new Tally();
    private final Tally allKept = new Tally();
    private final Tally allSent = new Tally();
    private long nextNumber;

    /**
     * Both listeners are called under a lock and must be quick.
     *
     * @param full told of each record that gave way or was refused
     * @param lost told of each record that is dropped because sending failed
     */
    Outbox(OutboxLimits limits, Consumer<RecordKind> full, Consumer<RecordKind> lost) {
        this.limits = limits;
        this.full = full;
        this.lost = lost;
    }

    /** Adds a record, or drops it or others. */
    void offer(RecordKind kind, byte @Nullable [] key, byte[] value) {
        lock.lock();
        try {
            Entry entry = new Entry(nextNumber++, kind, key, value);
            // Only the kept ones count against a kept one: it is not to be lost because of what is being sent.
            if (!(kind.kept() ? fits(entry, allKept) : madeRoomFor(entry))) {
                full.accept(kind);
                return;
            }
            add(entry);
            while (kind.kept() && overLimits() && !droppable.isEmpty()) {
                dropOldest();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds kept records of a checkpoint, all of them: the checkpoint promised not to lose them. A job that is restored with
     * fewer tasks may so hold more than its limits for a time, and takes no further ones until it is below.
     */
    void restore(Iterable<KeptRecord> records) {
        lock.lock();
        try {
            for (KeptRecord record : records) {
                add(new Entry(nextNumber++, RecordKind.FINAL, record.key(), record.value()));
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the next record to be sent, waiting for one. It stays in the outbox until it is settled by one of the methods
     * below.
     *
     * @param oneByOne whether to wait until everything that was taken before is settled
     * @param nowMillis time, for those that were set aside
     * @param timeout how long to wait, milliseconds
     * @return null if there was none in time
     */
    @Nullable
    Entry take(boolean oneByOne, long nowMillis, long timeout) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(timeout);
            while (left > 0) {
                boolean room = oneByOne
                        ? allSent.records == 0
                        : allSent.records < MAX_SENT_RECORDS && allSent.bytes < MAX_SENT_BYTES;
                Entry entry = room ? next(nowMillis) : null;
                if (entry != null) {
                    sent.add(entry);
                    allSent.plus(entry);
                    return entry;
                }
                left = changed.awaitNanos(left);
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Entry next(long nowMillis) {
        Aside first = aside.peek();
        if (first != null && first.untilMillis <= nowMillis) {
            aside.remove();
            return first.entry;
        }
        Entry oldestKept = kept.peek();
        Entry oldestDroppable = droppable.peek();
        if (oldestKept == null || (oldestDroppable != null && oldestDroppable.number() < oldestKept.number())) {
            return droppable.poll();
        }
        return kept.poll();
    }

    /** Kafka has a record. */
    void acknowledged(Entry entry) {
        settle(entry, () -> forget(entry));
    }

    /** A record was not sent and is to be taken again. */
    void giveBack(Entry entry) {
        settle(entry, () -> {
            if (entry.kind().kept()) {
                kept.add(entry);
            } else {
                droppable.addFirst(entry);
            }
        });
    }

    /** Sending failed: a record that may be dropped is, a kept one is to be taken again. */
    void failed(Entry entry) {
        if (entry.kind().kept()) {
            giveBack(entry);
        } else {
            settle(entry, () -> {
                forget(entry);
                lost.accept(entry.kind());
            });
        }
    }

    /** Kafka does not take this record, others it may: like {@link #failed}, but not to be taken again before a time. */
    void failedAlone(Entry entry, long untilMillis) {
        if (entry.kind().kept()) {
            settle(entry, () -> aside.add(new Aside(entry, untilMillis)));
        } else {
            failed(entry);
        }
    }

    private void settle(Entry entry, Runnable what) {
        lock.lock();
        try {
            if (sent.remove(entry)) {
                allSent.minus(entry);
                what.run();
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** All kept records, in the order in which they were written. */
    List<KeptRecord> unacknowledged() {
        lock.lock();
        try {
            List<Entry> entries = new ArrayList<>(kept);
            aside.forEach(one -> entries.add(one.entry));
            sent.stream().filter(entry -> entry.kind().kept()).forEach(entries::add);
            entries.sort(Comparator.comparingLong(Entry::number));
            List<KeptRecord> records = new ArrayList<>(entries.size());
            for (Entry entry : entries) {
                records.add(new KeptRecord(entry.key(), entry.value()));
            }
            return records;
        } finally {
            lock.unlock();
        }
    }

    /** Whether at most half of the room is taken and nothing is set aside. */
    boolean isRelaxed() {
        lock.lock();
        try {
            return all.bytes <= limits.bytes() / 2 && all.records <= limits.records() / 2 && aside.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until Kafka has everything.
     *
     * @return whether it has within this time
     */
    boolean awaitEmpty(long timeoutMillis) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
            while (all.records > 0 && left > 0) {
                left = changed.awaitNanos(left);
            }
            return all.records == 0;
        } finally {
            lock.unlock();
        }
    }

    private boolean madeRoomFor(Entry entry) {
        while (!fits(entry, all)) {
            if (droppable.isEmpty()) {
                return false;
            }
            dropOldest();
        }
        return true;
    }

    private boolean fits(Entry entry, Tally taken) {
        return taken.bytes + entry.size() <= limits.bytes() && taken.records < limits.records();
    }

    private boolean overLimits() {
        return all.bytes > limits.bytes() || all.records > limits.records();
    }

    private void dropOldest() {
        Entry oldest = droppable.remove();
        forget(oldest);
        full.accept(oldest.kind());
    }

    private void add(Entry entry) {
        (entry.kind().kept() ? kept : droppable).add(entry);
        all.plus(entry);
        if (entry.kind().kept()) {
            allKept.plus(entry);
        }
    }

    private void forget(Entry entry) {
        all.minus(entry);
        if (entry.kind().kept()) {
            allKept.minus(entry);
        }
    }

    private record Aside(Entry entry, long untilMillis) {}

    private static final class Tally {
        private long bytes;
        private int records;

        private void plus(Entry entry) {
            bytes += entry.size();
            records++;
        }

        private void minus(Entry entry) {
            bytes -= entry.size();
            records--;
        }
    }
}
