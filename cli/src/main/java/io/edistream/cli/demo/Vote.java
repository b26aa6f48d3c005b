package io.edistream.cli.demo;

import io.edistream.schemas.FinishReason;
import io.edistream.schemas.SequenceFinish;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What one sequence answers to the question of its group.
 *
 * @param group what is voted on together
 * @param answer its answer
 * @param right whether that is right
 */
record Vote(long group, String answer, boolean right) {

    /** A sequence that ended by itself votes, if it has an answer; one that was stopped does not. */
    static Optional<Vote> of(long group, SequenceFinish finish) {
        return finish.getReason() == FinishReason.END_OF_SEQUENCE && finish.getAnswer() != null
                ? Optional.of(new Vote(group, finish.getAnswer(), DemoReport.isRight(finish)))
                : Optional.empty();
    }

    /** Whether the most frequent answer is right, by group; of equally frequent ones the first in their order. */
    static Map<Long, Boolean> majorities(List<Vote> votes) {
        Map<Long, Boolean> right = new HashMap<>();
        votes.stream().collect(Collectors.groupingBy(Vote::group)).forEach((group, own) -> {
            Optional<List<Vote>> winner = own.stream()
                    .collect(Collectors.groupingBy(Vote::answer, TreeMap::new, Collectors.toList()))
                    .values()
                    .stream()
                    .max(Comparator.comparingInt(List::size));
            right.put(group, winner.isPresent() && winner.get().get(0).right());
        });
        return right;
    }
}
