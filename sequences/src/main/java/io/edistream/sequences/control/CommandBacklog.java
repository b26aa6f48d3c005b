package io.edistream.sequences.control;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How many commands wait to be handled, and how many more were turned away because of that: a flood costs a number, not
 * memory. Thread-safe.
 */
final class CommandBacklog {

    /** Most commands that wait: what is decided within one step for a few thousand sequences. */
    static final int MAX_WAITING = 4_096;

    private int waiting;
    private int refused;
    private @Nullable ReceivedCommand lastRefused;

    /** Whether an arriving command may wait; otherwise it is only counted. */
    synchronized boolean admits(ReceivedCommand command) {
        if (waiting < MAX_WAITING) {
            waiting++;
            return true;
        }
        refused++;
        lastRefused = command;
        return false;
    }

    /** One that waited was handled. Those that were turned away, as soon as none waits any more. */
    synchronized Optional<Refused> handled() {
        waiting--;
        ReceivedCommand last = lastRefused;
        if (waiting > 0 || last == null) {
            return Optional.empty();
        }
        Refused all = new Refused(refused, last);
        refused = 0;
        lastRefused = null;
        return Optional.of(all);
    }

    /**
     * Commands that were turned away.
     *
     * @param count how many
     * @param last the last of them
     */
    record Refused(int count, ReceivedCommand last) {}
}
