package io.edistream.cli.demo;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which sequence of the arm without control has the seed of which one with it: the same sample of the same problem.
 * Branches have none.
 *
 * @param byCounter sequences without control by the counter of the one with it
 * @param compared pairs whose text could be compared
 * @param equal pairs with the same text, as far as both go
 */
record Matches(Map<Long, FreeSequence> byCounter, int compared, int equal) {

    static Matches of(List<RecordedSequence> sequences, List<FreeSequence> free) {
        Map<Twin, FreeSequence> twins = new HashMap<>();
        free.forEach(sequence -> twins.put(new Twin(sequence.problem(), sequence.seed()), sequence));
        Map<Long, FreeSequence> byCounter = new HashMap<>();
        int compared = 0;
        int equal = 0;
        for (RecordedSequence sequence : sequences) {
            if (sequence.start().getParent() != null) {
                continue;
            }
            FreeSequence same = twins.get(
                    new Twin(problem(sequence), sequence.start().getSampling().getSeed()));
            if (same != null) {
                byCounter.put(sequence.start().getSequence(), same);
                if (sequence.finish().isPresent()) {
                    compared++;
                    equal += isSame(sequence, same) ? 1 : 0;
                }
            }
        }
        return new Matches(Map.copyOf(byCounter), compared, equal);
    }

    private record Twin(int problem, long seed) {}

    /** The number of a sequence's problem, from 1; 0 if it does not say. */
    static int problem(RecordedSequence sequence) {
        CharSequence request = sequence.start().getRequest();
        return request == null ? 0 : Asking.problem(request);
    }

    Optional<FreeSequence> without(RecordedSequence sequence) {
        return Optional.ofNullable(byCounter.get(sequence.start().getSequence()));
    }

    /** Tokens that a stopped sequence has further on in the arm without control. */
    long tokensSaved(RecordedSequence stopped) {
        return without(stopped)
                .map(free -> Math.max(0, free.tokens() - stopped.nextToken()))
                .orElse(0);
    }

    /** How many of those sequences that have a match are right without control. */
    Interval right(List<RecordedSequence> of) {
        List<FreeSequence> found =
                of.stream().flatMap(sequence -> without(sequence).stream()).toList();
        return Interval.wilson((int) found.stream().filter(FreeSequence::right).count(), found.size());
    }

    private static boolean isSame(RecordedSequence sequence, FreeSequence free) {
        return Verdict.isStopped(sequence)
                ? free.text().startsWith(sequence.text())
                : free.text().equals(sequence.text());
    }
}
