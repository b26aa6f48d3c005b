package io.edistream.sequences.event;

import java.util.ArrayList;
import java.util.List;

/** Keeps all events in memory. Thread-safe. */
public final class RecordingEntropyPublisher implements EntropyPublisher {

    private final List<StepEvents> recorded = new ArrayList<>();

    @Override
    public synchronized void publish(StepEvents events) {
        recorded.add(events);
    }

    /** What was published so far, in order. */
    public synchronized List<StepEvents> recorded() {
        return List.copyOf(recorded);
    }

    /** Frees nothing; the records stay. */
    @Override
    public void close() {}
}
