package io.edistream.jobs.watch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * When the sequences of each source are to be looked at, by their source's clock, because they may have been silent for
 * too long by then. An index only: it is built anew from the stored sequences after a restore. A sequence has one entry,
 * which is moved when it falls due and not with every token.
 */
final class Deadlines {

    /** Entries of ended sequences that are kept before they are swept out. */
    private static final int SLACK = 1_024;

    private final Map<Long, PriorityQueue<Entry>> byGenerator = new HashMap<>();

    /** A sequence is to be looked at once its source's clock is past a time. */
    void add(long generator, long counter, long dueMicros) {
        byGenerator.computeIfAbsent(generator, key -> new PriorityQueue<>()).add(new Entry(dueMicros, counter));
    }

    /** Takes out the sequences whose time is past, in the order of their counters. */
    List<Long> due(long generator, long clockMicros) {
        PriorityQueue<Entry> entries = byGenerator.get(generator);
        if (entries == null || entries.isEmpty() || entries.peek().dueMicros >= clockMicros) {
            return List.of();
        }
        List<Long> due = new ArrayList<>();
        while (!entries.isEmpty() && entries.peek().dueMicros < clockMicros) {
            due.add(entries.poll().counter);
        }
        Collections.sort(due);
        return due;
    }

    /** All sequences of a source that have an entry, in the order of their counters; some may have ended. */
    List<Long> all(long generator) {
        PriorityQueue<Entry> entries = byGenerator.get(generator);
        return entries == null
                ? List.of()
                : entries.stream().map(Entry::counter).sorted().toList();
    }

    /** Whether so many entries are of ended sequences that they should be swept out. */
    boolean isStale(long generator, int live) {
        PriorityQueue<Entry> entries = byGenerator.get(generator);
        return entries != null && entries.size() > 2 * live + SLACK;
    }

    /** Keeps only the entries of sequences that run. */
    void sweep(long generator, Running running) {
        PriorityQueue<Entry> entries = byGenerator.get(generator);
        if (entries != null) {
            entries.removeIf(entry -> !running.runs(entry.counter));
        }
    }

    void forget(long generator) {
        byGenerator.remove(generator);
    }

    /** Entries of all sources. */
    int size() {
        return byGenerator.values().stream().mapToInt(PriorityQueue::size).sum();
    }

    /** Says whether a sequence runs. */
    @FunctionalInterface
    interface Running {
        boolean runs(long counter);
    }

    private record Entry(long dueMicros, long counter) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            return Long.compare(dueMicros, other.dueMicros);
        }
    }
}
