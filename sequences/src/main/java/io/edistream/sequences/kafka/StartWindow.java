package io.edistream.sequences.kafka;

import io.edistream.sequences.event.SamplingChanged;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.event.TokenRun;
import io.edistream.sequences.metrics.GeneratorMetrics;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps starts back that lie too far behind the highest one published: a watcher could not tell them from repeats. Of a
 * sequence without a start nothing else is published either, so that it is counted here and not rejected token by token
 * there. Used by one thread.
 */
final class StartWindow {

    private static final Logger LOG = LoggerFactory.getLogger(StartWindow.class);

    /** Furthest that a start may be behind the highest one published, counters. */
    static final long MAX_BEHIND = 65_535;

    private final GeneratorMetrics metrics;
    /** Sequences without a published start whose end has not come by: at most as many as live. */
    private final Set<Long> unwatched = new HashSet<>();

    private long highest = -1;

    StartWindow(GeneratorMetrics metrics) {
        this.metrics = metrics;
    }

    /** What of these events is published; starts are judged in their order. */
    StepEvents admitted(StepEvents events) {
        List<SequenceStarted> starts =
                events.starts().stream().filter(this::isNear).toList();
        return watched(
                new StepEvents(events.decodedAtMicros(), starts, events.changes(), events.runs(), events.ends()));
    }

    /** A start that cannot be published. */
    void refuse(SequenceStarted start) {
        unwatched.add(start.sequence());
        metrics.unwatchedSequence();
    }

    /** The same without tokens and ends of sequences that have no published start. */
    StepEvents watched(StepEvents events) {
        if (unwatched.isEmpty()) {
            return events;
        }
        List<SamplingChanged> changes = events.changes().stream()
                .filter(change -> !unwatched.contains(change.sequence()))
                .toList();
        List<TokenRun> runs = events.runs().stream()
                .filter(run -> !unwatched.contains(run.sequence()))
                .toList();
        List<SequenceEnded> ends = events.ends().stream()
                .filter(end -> !unwatched.remove(end.sequence()))
                .toList();
        return new StepEvents(events.decodedAtMicros(), events.starts(), changes, runs, ends);
    }

    private boolean isNear(SequenceStarted start) {
        if (start.sequence() < highest - MAX_BEHIND) {
            refuse(start);
            LOG.warn(
                    "Sequence {} is not watched: its start would be published {} behind that of sequence {}, and at most"
                            + " {} are allowed",
                    start.sequence(),
                    highest - start.sequence(),
                    highest,
                    MAX_BEHIND);
            return false;
        }
        highest = Math.max(highest, start.sequence());
        return true;
    }
}
