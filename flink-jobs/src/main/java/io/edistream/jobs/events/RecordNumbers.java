package io.edistream.jobs.events;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;

/**
 * Counts records that a generator numbered and that never came, because it dropped them, they were lost on the way or
 * could not be read. The first record that is seen of a generator starts its count, here and after every restart.
 *
 * <p>All records of a generator are in one partition and so come to one task, in order. A number at or below an earlier
 * one is a record that was read again, and counts for nothing.
 */
final class RecordNumbers {

    /** Generators that are remembered, those heard of last; a forgotten one begins its count again. */
    static final int MAX_GENERATORS = 10_000;

    private static final float DEFAULT_LOAD = 0.75f;

    private final Counter missing;
    private final Map<Long, Long> nextByGenerator = new LinkedHashMap<>(16, DEFAULT_LOAD, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
            return size() > MAX_GENERATORS;
        }
    };

    RecordNumbers(Counter missing) {
        this.missing = missing;
    }

    void note(long generator, long number) {
        Long next = nextByGenerator.get(generator);
        if (next != null && number > next) {
            missing.inc(number - next);
        }
        if (next == null || number >= next) {
            nextByGenerator.put(generator, number + 1);
        }
    }
}
