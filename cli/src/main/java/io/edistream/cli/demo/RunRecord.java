package io.edistream.cli.demo;

import io.edistream.cli.problems.WordProblem;
import io.edistream.sequences.PromptGroup;
import java.util.ArrayList;
import java.util.List;

/** What both arms of a run have come to so far. Thread-safe. */
final class RunRecord {

    private static final double NANOS_PER_SECOND = 1e9;

    private final DemoOptions options;
    private final List<WordProblem> problems;
    private final RecordedRun controlled = new RecordedRun();
    private final List<FreeSequence> free = new ArrayList<>();
    private double controlledSeconds;
    private double freeSeconds;
    private boolean complete;

    RunRecord(DemoOptions options, List<WordProblem> problems) {
        this.options = options;
        this.problems = List.copyOf(problems);
    }

    DemoOptions options() {
        return options;
    }

    List<WordProblem> problems() {
        return problems;
    }

    /** What the topics say of the arm with control. */
    RecordedRun controlled() {
        return controlled;
    }

    /** The sequences without control that have ended, problem by problem. */
    synchronized List<FreeSequence> free() {
        return List.copyOf(free);
    }

    /** A group of the arm without control has ended. */
    synchronized void ended(PromptGroup group) {
        free.addAll(FreeSequence.of(group));
    }

    synchronized void controlledTook(long nanos) {
        controlledSeconds = nanos / NANOS_PER_SECOND;
    }

    synchronized void freeTook(long nanos) {
        freeSeconds = nanos / NANOS_PER_SECOND;
    }

    /** Seconds that the arm with control decoded; 0 as long as it does. */
    synchronized double controlledSeconds() {
        return controlledSeconds;
    }

    /** Seconds that the arm without control decoded; 0 as long as it does. */
    synchronized double freeSeconds() {
        return freeSeconds;
    }

    /** Both arms have ended. */
    synchronized void completes() {
        complete = true;
    }

    /** Whether both arms have ended. */
    synchronized boolean complete() {
        return complete;
    }

    /** The published scores against those computed in batch; of a run whose events have not all arrived, none. */
    ScoreCheck check() {
        return controlledSeconds() > 0
                ? ScoreCheck.of(controlled.sequences(), DemoOptions.SCORING)
                : new ScoreCheck(0, List.of());
    }
}
