package io.edistream.sequences.control;

import java.util.LinkedHashMap;
import java.util.OptionalInt;
import java.util.UUID;

/** Remembers the last commands that were applied, the oldest forgotten first. Those that were not are judged anew. */
final class AppliedCommands {

    private final int capacity;
    private final LinkedHashMap<UUID, Integer> tokens = new LinkedHashMap<>();

    /**
     * @param capacity most commands that are remembered, at least 1
     */
    AppliedCommands(int capacity) {
        this.capacity = capacity;
    }

    /** Remembers that a command was applied when its sequence had so many tokens. */
    void add(UUID id, int atToken) {
        tokens.put(id, atToken);
        if (tokens.size() > capacity) {
            tokens.remove(tokens.keySet().iterator().next());
        }
    }

    /** Tokens that the sequence had when the command was applied; empty if it was not. One that is asked for is kept longer. */
    OptionalInt appliedAt(UUID id) {
        Integer atToken = tokens.remove(id);
        if (atToken == null) {
            return OptionalInt.empty();
        }
        tokens.put(id, atToken);
        return OptionalInt.of(atToken);
    }
}
