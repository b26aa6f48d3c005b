package io.edistream.sequences.event;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What happened in one decode step of the whole batch, or in several consecutive ones. Read in this order: starts,
 * changes, runs, ends.
 *
 * @param decodedAtMicros when the (last) step ended, microseconds since 1970-01-01 UTC
 * @param starts sequences whose first event this is
 * @param changes changes of how running sequences are drawn
 * @param runs tokens, at most one run per sequence
 * @param ends sequences whose last event this is
 */
public record StepEvents(
        long decodedAtMicros,
        List<SequenceStarted> starts,
        List<SamplingChanged> changes,
        List<TokenRun> runs,
        List<SequenceEnded> ends) {

    /** Copies the lists. */
    public StepEvents {
        starts = List.copyOf(starts);
        changes = List.copyOf(changes);
        runs = List.copyOf(runs);
        ends = List.copyOf(ends);
    }

    /** Without changes of sampling. */
    public StepEvents(
            long decodedAtMicros, List<SequenceStarted> starts, List<TokenRun> runs, List<SequenceEnded> ends) {
        this(decodedAtMicros, starts, List.of(), runs, ends);
    }

    /** Whether nothing happened. */
    public boolean isEmpty() {
        return starts.isEmpty() && changes.isEmpty() && runs.isEmpty() && ends.isEmpty();
    }

    /** How many tokens. */
    public int tokens() {
        return runs.stream().mapToInt(run -> run.tokens().size()).sum();
    }

    /**
     * Two halves that say the same, one after the other: of starts, changes, runs and ends together, or of the tokens if there is
     * one run and nothing else. Empty if it cannot be divided.
     */
    public List<StepEvents> halves() {
        int things = starts.size() + changes.size() + runs.size() + ends.size();
        if (things > 1) {
            int middle = things / 2;
            return List.of(between(0, middle), between(middle, things));
        }
        if (runs.isEmpty() || runs.get(0).tokens().size() < 2) {
            return List.of();
        }
        return runs.get(0).halves().stream()
                .map(half -> new StepEvents(decodedAtMicros, List.of(), List.of(half), List.of()))
                .toList();
    }

    private StepEvents between(int from, int to) {
        int beforeRuns = starts.size() + changes.size();
        int beforeEnds = beforeRuns + runs.size();
        return new StepEvents(
                decodedAtMicros,
                part(starts, from, to),
                part(changes, from - starts.size(), to - starts.size()),
                part(runs, from - beforeRuns, to - beforeRuns),
                part(ends, from - beforeEnds, to - beforeEnds));
    }

    private static <T> List<T> part(List<T> all, int from, int to) {
        return all.subList(Math.min(Math.max(from, 0), all.size()), Math.min(Math.max(to, 0), all.size()));
    }

    /**
     * Consecutive steps as one. Reading starts, runs and ends in this order stays right, because in every sequence a
     * start comes before all tokens and an end after them.
     *
     * @param steps at least one, in order, none missing in between
     * @throws IllegalArgumentException if runs of a sequence do not follow each other
     */
    public static StepEvents merged(List<StepEvents> steps) {
        if (steps.size() == 1) {
            return steps.get(0);
        }
        List<SequenceStarted> starts = new ArrayList<>();
        List<SamplingChanged> changes = new ArrayList<>();
        Map<Long, TokenRun> runs = new LinkedHashMap<>();
        List<SequenceEnded> ends = new ArrayList<>();
        for (StepEvents step : steps) {
            starts.addAll(step.starts);
            changes.addAll(step.changes);
            step.runs.forEach(run -> runs.merge(run.sequence(), run, TokenRun::followedBy));
            ends.addAll(step.ends);
        }
        return new StepEvents(
                steps.get(steps.size() - 1).decodedAtMicros, starts, changes, new ArrayList<>(runs.values()), ends);
    }
}
