package io.edistream.console.exporter;

import io.edistream.schemas.Ids;
import io.edistream.schemas.SequenceId;
import java.util.LinkedHashMap;
import java.util.Map;

/** The sequences that were seen last, to tell a repeat from a first time. */
final class RecentSequences {

    private final Map<Key, Boolean> seen;

    private record Key(long generator, long counter) {}

    /**
     * @param max sequences that are remembered, some 100 bytes each
     */
    RecentSequences(int max) {
        this.seen = new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, Boolean> eldest) {
                return size() > max;
            }
        };
    }

    /** Whether it is not among those; it is from now on. */
    boolean isNew(SequenceId sequence) {
        return seen.put(new Key(Ids.generator(sequence), Ids.counter(sequence)), true) == null;
    }
}
