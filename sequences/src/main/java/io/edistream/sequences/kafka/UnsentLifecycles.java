package io.edistream.sequences.kafka;

import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.metrics.GeneratorMetrics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Starts and ends that were lost on their way and are to be sent again. Both of one sequence annihilate, so there is at
 * most one per sequence that was told of or is going to be; a sequence of which both were lost counts as not watched. When their texts are too many, more of them go without.
 */
final class UnsentLifecycles {

    /** Most characters of all texts that wait. */
    static final long MAX_TEXT_CHARACTERS = 1 << 25;

    private final GeneratorMetrics metrics;
    private final Map<Long, SequenceStarted> starts = new LinkedHashMap<>();
    private final Map<Long, SequenceEnded> ends = new LinkedHashMap<>();
    private long textCharacters;
    private long lastMicros;

    UnsentLifecycles(GeneratorMetrics metrics) {
        this.metrics = metrics;
    }

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
            SequenceEnded end = ends.remove(start.sequence());
            if (end == null) {
                keep(start);
            } else {
                textCharacters -= characters(end);
                metrics.unwatchedSequence();
            }
        }
        for (SequenceEnded end : lostEnds) {
            SequenceStarted start = starts.remove(end.sequence());
            if (start == null) {
                keep(end);
            } else {
                textCharacters -= characters(start);
                metrics.unwatchedSequence();
            }
        }
    }

    private void keep(SequenceStarted start) {
        SequenceStarted kept = start;
        if (!fits(characters(start))) {
            kept = start.withoutPrompt();
            metrics.textLeftOut();
        }
        SequenceStarted earlier = starts.put(kept.sequence(), kept);
        textCharacters += characters(kept) - (earlier == null ? 0 : characters(earlier));
    }

    private void keep(SequenceEnded end) {
        SequenceEnded kept = end;
        if (!fits(characters(end))) {
            kept = end.withoutText().withoutAnswer();
            metrics.textLeftOut();
        }
        SequenceEnded earlier = ends.put(kept.sequence(), kept);
        textCharacters += characters(kept) - (earlier == null ? 0 : characters(earlier));
    }

    private boolean fits(long characters) {
        return characters <= MAX_TEXT_CHARACTERS - textCharacters;
    }

    private static long characters(SequenceStarted start) {
        return length(start.prompt());
    }

    private static long characters(SequenceEnded end) {
        return (long) length(end.text()) + length(end.answer());
    }

    private static int length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    /** Nothing is sent again: sequences whose start waits were not watched. */
    void abandoned() {
        starts.keySet().forEach(sequence -> metrics.unwatchedSequence());
        starts.clear();
        ends.clear();
        textCharacters = 0;
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
        textCharacters = 0;
        return new StepEvents(
                Math.max(lastMicros, next.decodedAtMicros()), allStarts, next.changes(), next.runs(), allEnds);
    }
}
