package io.edistream.generator.control;

import java.util.LinkedHashSet;
import java.util.UUID;

/** Remembers the last command ids, the oldest forgotten first. */
final class HandledCommands {

    private final int capacity;
    private final LinkedHashSet<UUID> ids = new LinkedHashSet<>();

    HandledCommands(int capacity) {
        this.capacity = capacity;
    }

    /** Remembers the id; false if it was remembered already. A repeated id counts as new: it is seen to be in use. */
    boolean add(UUID id) {
        boolean repeated = ids.remove(id);
        ids.add(id);
        if (ids.size() > capacity) {
            ids.remove(ids.iterator().next());
        }
        return !repeated;
    }
}
