package io.edistream.generator.kafka;

import io.edistream.generator.event.SequenceEnded;
import io.edistream.generator.event.SequenceStarted;
import io.edistream.generator.event.StepEvents;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Starts and ends that were lost on their way and are to be sent again. Both of one sequence annihilate, so there is at
 * most one per sequence that was told of or is going to be.
 */
final class UnsentLifecycles {

    private final Map<Long, SequenceStarted> starts = new LinkedHashMap<>();
    private final Map<Long, SequenceEnded> ends = new LinkedHashMap<>();
    private long lastMicros;

    /** Takes what was lost; tokens stay lost. */
    void lose(StepEvents lost) {
        lose(lost.decodedAtMicros(), lost.starts(), lost.ends());
    }

    /**
     * As {@link #lose(StepEvents)}.
     *
     * @param decodedAtMicros when that was, microseconds since 1970-01-01 UTC
     */
    void lose(long decodedAtMicros, Collection<SequenceStarted> lostStarts, Collection<SequenceEnded> lostEnds) {
        lastMicros = Math.max(lastMicros, decodedAtMicros);
        for (SequenceStarted start : lostStarts) {
            // Losses may become known in another order than that of sending.
            if (ends.remove(start.sequence()) == null) {
                starts.put(start.sequence(), start);
            }
        }
        for (SequenceEnded end : lostEnds) {
            if (starts.remove(end.sequence()) == null) {
                ends.put(end.sequence(), end);
            }
        }
    }

    boolean isEmpty() {
        return starts.isEmpty() && ends.isEmpty();
    }

    /** Empties it into events that come after all that was lost. */
    StepEvents drainedInto(StepEvents next) {
        if (isEmpty()) {
            return next;
        }
        List<SequenceStarted> allStarts = new ArrayList<>(starts.values());
        allStarts.addAll(next.starts());
        List<SequenceEnded> allEnds = new ArrayList<>(ends.values());
        allEnds.addAll(next.ends());
        starts.clear();
        ends.clear();
        return new StepEvents(Math.max(lastMicros, next.decodedAtMicros()), allStarts, next.runs(), allEnds);
    }
}
