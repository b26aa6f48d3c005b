package io.edistream.cli.demo;

import io.edistream.schemas.FinishReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What control was good for: the arm with it beside the arm without, which asked the same with the same seeds.
 *
 * @param rightWith problems whose most frequent answer is right with control; sequences that were stopped do not vote
 * @param rightWithout the same without control
 * @param gained problems that are right with control alone
 * @param lost problems that are right without control alone
 * @param signTest two-sided p of the exact sign test over the gained and the lost (McNemar's, exact)
 * @param tokensWith tokens decoded with control
 * @param tokensWithout tokens decoded without
 * @param savedByStops tokens that stopped sequences would have had beyond their end
 * @param spentOnBranches tokens decoded for branches, which the other arm does not have
 * @param stopped sequences that a command stopped, branches included
 * @param stoppedBranches of these, branches: nothing in the other arm is like them
 * @param stoppedRight how many of the other stopped ones are right without control
 * @param keptRight how many of the samples that were not stopped are right without control
 * @param compared samples of both arms that were compared token for token, as far as both go
 * @param equal of these, the equal ones
 */
record Verdict(
        Interval rightWith,
        Interval rightWithout,
        int gained,
        int lost,
        double signTest,
        long tokensWith,
        long tokensWithout,
        long savedByStops,
        long spentOnBranches,
        int stopped,
        int stoppedBranches,
        Interval stoppedRight,
        Interval keptRight,
        int compared,
        int equal) {

    private static final double SIGNIFICANT = 0.05;
    private static final double PERCENT = 100;

    static Verdict of(RunRecord record) {
        List<RecordedSequence> sequences = record.controlled().sequences();
        Matches matches = Matches.of(sequences, record.free());
        int problems = record.problems().size();
        Map<Long, Boolean> with = Vote.majorities(sequences.stream()
                .filter(sequence -> Matches.problem(sequence) > 0)
                .flatMap(sequence -> sequence.finish().stream()
                        .flatMap(finish -> Vote.of(Matches.problem(sequence), finish).stream()))
                .toList());
        Map<Long, Boolean> without = Vote.majorities(record.free().stream()
                .filter(free -> free.answer() != null)
                .map(free -> new Vote(free.problem(), String.valueOf(free.answer()), free.right()))
                .toList());
        int gained = 0;
        int lost = 0;
        for (int problem = 1; problem <= problems; problem++) {
            boolean isRight = with.getOrDefault((long) problem, false);
            boolean wasRight = without.getOrDefault((long) problem, false);
            gained += isRight && !wasRight ? 1 : 0;
            lost += wasRight && !isRight ? 1 : 0;
        }
        List<RecordedSequence> stopped =
                sequences.stream().filter(Verdict::isStopped).toList();
        List<RecordedSequence> kept = sequences.stream()
                .filter(sequence -> !isStopped(sequence) && sequence.finish().isPresent())
                .toList();
        List<RecordedSequence> branches = sequences.stream()
                .filter(sequence -> sequence.start().getParent() != null)
                .toList();
        return new Verdict(
                Interval.wilson(
                        (int) with.values().stream().filter(right -> right).count(), problems),
                Interval.wilson(
                        (int) without.values().stream().filter(right -> right).count(), problems),
                gained,
                lost,
                signTest(gained, lost),
                sequences.stream().mapToLong(RecordedSequence::ownTokens).sum(),
                record.free().stream().mapToLong(FreeSequence::tokens).sum(),
                stopped.stream().mapToLong(matches::tokensSaved).sum(),
                branches.stream().mapToLong(RecordedSequence::ownTokens).sum(),
                stopped.size(),
                (int) stopped.stream()
                        .filter(sequence -> sequence.start().getParent() != null)
                        .count(),
                matches.right(stopped),
                matches.right(kept),
                matches.compared(),
                matches.equal());
    }

    /** Two-sided p of as uneven a split or a more uneven one, if either side were as likely. */
    static double signTest(int one, int other) {
        int all = one + other;
        double probability = Math.pow(0.5, all);
        double tail = 0;
        for (int i = 0; i <= Math.min(one, other); i++) {
            tail += probability;
            probability *= (all - i) / (i + 1.0);
        }
        return Math.min(1, 2 * tail);
    }

    /** The verdict in sentences. */
    List<String> sentences() {
        List<String> said = new ArrayList<>();
        said.add("Right by majority: " + rightWith.text() + " with control, " + rightWithout.text() + " without; "
                + gained + " gained, " + lost + " lost: "
                + (signTest < SIGNIFICANT
                        ? (gained > lost ? "control helped" : "control did harm")
                                + String.format(Locale.ROOT, " (exact sign test, p = %.3f).", signTest)
                        : String.format(Locale.ROOT, "too few to conclude (exact sign test, p = %.2f).", signTest)));
        said.add(String.format(
                Locale.ROOT,
                "Tokens: %,d with control, %,d without (%+.0f %%). Stops saved %,d, branches cost %,d.",
                tokensWith,
                tokensWithout,
                tokensWithout == 0 ? 0 : PERCENT * (tokensWith - tokensWithout) / tokensWithout,
                savedByStops,
                spentOnBranches));
        said.add(stops());
        said.add(
                equal == compared
                        ? "Equal seeds gave equal text in all " + compared + " samples of both arms, as far as both go."
                        : "NOT EXACT: equal seeds gave equal text in only " + equal + " of " + compared
                                + " samples of both arms; what would have been is then a guess for the others.");
        said.add(
                "Intervals are Wilson's, at 95 %. They take samples for independent; those of one problem are alike, so that"
                        + " the truth may lie further off.");
        return said;
    }

    private String stops() {
        if (stopped == 0) {
            return "Nothing was stopped.";
        }
        String branches = stoppedBranches == 0
                ? ""
                : " (" + stoppedBranches + " more were branches, which the other arm does not have)";
        String conclusion = !stoppedRight.isApartFrom(keptRight)
                ? "too few to conclude that stopping chose well."
                : stoppedRight.high() < keptRight.low()
                        ? "stopping chose worse sequences."
                        : "stopping chose better sequences: the limit does harm.";
        return "Of the stopped samples" + branches + ", " + stoppedRight.text()
                + " would have been right; of those left alone " + keptRight.text() + ": " + conclusion;
    }

    static boolean isStopped(RecordedSequence sequence) {
        return sequence.finish()
                .filter(finish -> finish.getReason() == FinishReason.ABORTED)
                .isPresent();
    }
}
