package io.edistream.signals.groups;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * How the samples of one prompt voted that have ended: one vote each, all of one weight. Immutable.
 *
 * @param answers answers by first appearance, each once; of equally frequent ones the first leads
 * @param ended samples that ended, 0 to {@value #MAX_SAMPLES}: those that voted, and those without an answer
 */
public record Votes(List<Answer> answers, int ended) {

    /** The class of a sample that gave no answer. */
    public static final int NO_ANSWER = -1;

    /** The most samples that one group may have. */
    public static final int MAX_SAMPLES = 1_024;

    /** Before the first sample has ended. */
    public static final Votes NONE = new Votes(List.of(), 0);

    /**
     * @throws IllegalArgumentException if an answer is there twice, or the samples are fewer than the votes or too many
     */
    public Votes {
        answers = List.copyOf(answers);
        Set<Integer> classes = new HashSet<>();
        for (Answer answer : answers) {
            if (!classes.add(answer.answerClass())) {
                throw new IllegalArgumentException("answer class " + answer.answerClass() + " is there twice");
            }
        }
        if (ended > MAX_SAMPLES || ended < cast(answers)) {
            throw new IllegalArgumentException(
                    ended + " samples ended: must be " + cast(answers) + ", one for every vote, to " + MAX_SAMPLES);
        }
    }

    /**
     * The same with one more sample that ended.
     *
     * @param answerClass class of its answer within the group, or {@value #NO_ANSWER}: it counts and does not vote
     * @throws IllegalArgumentException if it is neither, or one more than {@value #MAX_SAMPLES}
     */
    public Votes plus(int answerClass) {
        if (answerClass == NO_ANSWER) {
            return new Votes(answers, ended + 1);
        }
        List<Answer> more = new ArrayList<>(answers);
        for (int i = 0; i < more.size(); i++) {
            if (more.get(i).answerClass() == answerClass) {
                more.set(i, new Answer(answerClass, more.get(i).votes() + 1));
                return new Votes(more, ended + 1);
            }
        }
        more.add(new Answer(answerClass, 1));
        return new Votes(more, ended + 1);
    }

    /** Class of the leading answer; empty before the first vote. */
    public OptionalInt leading() {
        int leader = leader();
        return leader < 0
                ? OptionalInt.empty()
                : OptionalInt.of(answers.get(leader).answerClass());
    }

    /** Votes for the leading answer, 0 before the first. */
    public int most() {
        int leader = leader();
        return leader < 0 ? 0 : answers.get(leader).votes();
    }

    /** By how many votes the leading answer is ahead of the next one, 0 if they are equal. */
    public int lead() {
        int leader = leader();
        int next = 0;
        for (int i = 0; i < answers.size(); i++) {
            if (i != leader) {
                next = Math.max(next, answers.get(i).votes());
            }
        }
        return most() - next;
    }

    /** Votes that were cast, all answers together. */
    public int cast() {
        return cast(answers);
    }

    /** Share of the votes that the leading answer has, above 0 and at most 1; NaN before the first. */
    public double agreement() {
        return (double) most() / cast();
    }

    /**
     * Whether the leading answer stays so, whatever some more samples answer.
     *
     * @param more samples that may still vote, at least 0
     */
    boolean isDecidedWith(int more) {
        int leader = leader();
        // An answer that nobody has given yet.
        if (leader < 0 || more > most()) {
            return false;
        }
        for (int i = 0; i < answers.size(); i++) {
            int reachable = answers.get(i).votes() + more;
            // Of equally frequent answers the first one leads.
            if (i != leader && (i < leader ? reachable >= most() : reachable > most())) {
                return false;
            }
        }
        return true;
    }

    private int leader() {
        int leader = -1;
        for (int i = 0; i < answers.size(); i++) {
            if (leader < 0 || answers.get(i).votes() > answers.get(leader).votes()) {
                leader = i;
            }
        }
        return leader;
    }

    private static int cast(List<Answer> answers) {
        return answers.stream().mapToInt(Answer::votes).sum();
    }

    /**
     * One answer.
     *
     * @param answerClass its class within the group, at least 0: equal answers, equal class
     * @param votes samples that gave it, at least 1
     */
    public record Answer(int answerClass, int votes) {

        /**
         * @throws IllegalArgumentException if a bound is violated
         */
        public Answer {
            if (answerClass < 0) {
                throw new IllegalArgumentException(
                        "answer class " + answerClass + ": must be at least 0, or " + NO_ANSWER + " for no answer");
            }
            if (votes < 1) {
                throw new IllegalArgumentException(
                        votes + " votes for answer class " + answerClass + ": must be at least 1");
            }
        }
    }
}
