package io.edistream.sequences.control;

import java.util.ArrayList;
import java.util.List;

/** Keeps all outcomes in memory. Thread-safe. */
public final class RecordingOutcomePublisher implements OutcomePublisher {

    private final List<ControlOutcome> recorded = new ArrayList<>();

    @Override
    public synchronized void publish(ControlOutcome outcome) {
        recorded.add(outcome);
    }

    /** What was published so far, in order. */
    public synchronized List<ControlOutcome> recorded() {
        return List.copyOf(recorded);
    }

    /** Frees nothing; the outcomes stay. */
    @Override
    public void close() {}
}
