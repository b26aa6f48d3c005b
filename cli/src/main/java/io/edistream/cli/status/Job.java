package io.edistream.cli.status;

import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Mode;
import io.edistream.schemas.ReadPosition;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A job that was heard of: its newest heartbeat, and how far all of its tasks have come. */
final class Job {

    private final Map<Integer, Long> nextOffsets = new TreeMap<>();
    private final Set<Integer> tasksHeard = new HashSet<>();
    private Heartbeat newest;

    Job(Heartbeat first) {
        this.newest = first;
        onHeartbeat(first);
    }

    void onHeartbeat(Heartbeat beat) {
        if (beat.getSentAtMicros() > newest.getSentAtMicros()) {
            newest = beat;
        }
        tasksHeard.add(beat.getTask());
        for (ReadPosition position : beat.getPositions()) {
            nextOffsets.merge(position.getPartition(), position.getNextOffset(), Math::max);
        }
    }

    /** Its newest heartbeat. */
    Heartbeat newest() {
        return newest;
    }

    /** Tasks that were heard. */
    int tasksHeard() {
        return tasksHeard.size();
    }

    /** Offset behind the last record processed, by partition of token-entropy. */
    Map<Integer, Long> nextOffsets() {
        return Collections.unmodifiableMap(nextOffsets);
    }

    /** Whether a rule of it acts. */
    boolean isArmed() {
        return !newest.getKillSwitch() && newest.getModes().stream().anyMatch(rule -> rule.getMode() == Mode.ARMED);
    }
}
