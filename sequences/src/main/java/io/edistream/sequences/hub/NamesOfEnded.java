package io.edistream.sequences.hub;

import io.edistream.sequences.SequenceNames;
import java.util.LinkedHashMap;
import java.util.Map;

/** Names of the sequences that ended last, the oldest forgotten first: commands that come too late come shortly after. */
final class NamesOfEnded {

    /** Most sequences that are remembered. */
    static final int CAPACITY = 4096;

    private final Map<Long, SequenceNames> names = new LinkedHashMap<>();

    void add(long counter, SequenceNames ended) {
        names.put(counter, ended);
        if (names.size() > CAPACITY) {
            names.remove(names.keySet().iterator().next());
        }
    }

    SequenceNames of(long counter) {
        return names.getOrDefault(counter, SequenceNames.UNKNOWN);
    }
}
