package io.edistream.signals.groups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.signals.groups.Strategy.AllAtOnce;
import io.edistream.signals.groups.Strategy.OneByOne;
import io.edistream.signals.groups.Strategy.Waves;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamplePlanTest {

    private static SamplePlan plan(Strategy strategy) {
        return new SamplePlan(strategy, 8);
    }

    private static Votes votes(int... answerClasses) {
        return VotesTest.of(answerClasses);
    }

    @Test
    void oneAfterAnotherUntilTwoAgree() {
        SamplePlan plan = plan(new OneByOne(2));
        assertThat(plan.toStart(Votes.NONE, 0)).isEqualTo(1);
        assertThat(plan.toStart(Votes.NONE, 1)).isZero();
        assertThat(plan.toStart(votes(0), 0)).isEqualTo(1);
        assertThat(plan.toStart(votes(0, 1), 0)).isEqualTo(1);
        assertThat(plan.toStart(votes(0, 1, -1), 0)).isEqualTo(1);
        assertThat(plan.isSettled(votes(0, 1, -1), 0)).isFalse();
        assertThat(plan.toStart(votes(0, 1, -1, 1), 0)).isZero();
        assertThat(plan.isSettled(votes(0, 1, -1, 1), 0)).isTrue();
        assertThat(plan.isDecided(votes(0, 1, -1, 1), 0))
                .as("four more could change it")
                .isFalse();
    }

    @Test
    void wavesOfTwoUntilALeadOfTwo() {
        SamplePlan plan = plan(new Waves(2, 2));
        assertThat(plan.toStart(Votes.NONE, 0)).isEqualTo(2);
        assertThat(plan.toStart(Votes.NONE, 2)).isZero();
        assertThat(plan.toStart(votes(0), 1)).isZero();
        assertThat(plan.toStart(votes(0, 0), 0)).as("two to none").isZero();
        assertThat(plan.toStart(votes(0, 1), 0)).isEqualTo(2);
        assertThat(plan.isSettled(votes(0, 1, 0), 1)).as("a lead of one").isFalse();
        assertThat(plan.toStart(votes(0, 1, 0, 0), 0)).as("three to one").isZero();
    }

    /** A wave of four: three agree while one runs, whose vote leaves a lead of at least two. */
    @Test
    void aWaveIsOverWhenTheRestOfItCannotUndoTheLead() {
        SamplePlan plan = plan(new Waves(4, 2));
        assertThat(plan.toEnd(votes(0, 0), 2)).isZero();
        assertThat(plan.toEnd(votes(0, 0, 0), 1)).isEqualTo(1);
        assertThat(plan.toEnd(votes(0, 0, 1), 1)).isZero();
    }

    @Test
    void allAtOnceUntilTheVoteIsDecided() {
        SamplePlan plan = plan(new AllAtOnce());
        assertThat(plan.toStart(Votes.NONE, 0)).isEqualTo(8);
        assertThat(plan.toStart(Votes.NONE, 3)).as("as many as are left").isEqualTo(5);
        assertThat(plan.toEnd(votes(0, 0, 0, 1), 4)).isZero();
        assertThat(plan.toEnd(votes(0, 0, 0, 0), 4))
                .as("equal at best, and then the first leads")
                .isEqualTo(4);
        assertThat(plan.isDecided(votes(1, 0, 0, 0, 0), 3))
                .as("equal at best, and then 1 leads")
                .isFalse();
        assertThat(plan.isDecided(votes(1, 0, 0, 0, 0, 0), 2)).isTrue();
    }

    @Test
    void theLastWaveIsAsLargeAsTheBudgetLeaves() {
        SamplePlan plan = new SamplePlan(new Waves(3, 3), 4);
        assertThat(plan.toStart(votes(0, 1, 2), 0)).isEqualTo(1);
        assertThat(plan.toStart(votes(0, 1, 2, 3), 0)).isZero();
        assertThat(plan.isSettled(votes(0, 1, 2, 3), 0))
                .as("nothing more can come")
                .isTrue();
    }

    @Test
    void withoutAnyAnswerTheBudgetEndsItAndNothingIsSettled() {
        SamplePlan plan = new SamplePlan(new OneByOne(1), 2);
        assertThat(plan.toStart(votes(-1), 0)).isEqualTo(1);
        assertThat(plan.toStart(votes(-1, -1), 0)).isZero();
        assertThat(plan.isSettled(votes(-1, -1), 0)).isFalse();
    }

    /** Branches start beyond the budget; they vote, and may change the vote until they end. */
    @Test
    void whatRunsBeyondTheBudgetCanStillChangeTheVote() {
        SamplePlan plan = new SamplePlan(new AllAtOnce(), 2);
        assertThat(plan.toStart(votes(0), 2)).isZero();
        assertThat(plan.isDecided(votes(0, 0), 2)).isTrue();
        assertThat(plan.isDecided(votes(0, 0), 3)).isFalse();
        assertThat(plan.isDecided(votes(0, 0, 1), Integer.MAX_VALUE)).isFalse();
    }

    @Test
    void theLastOneThatRunsIsNeverEndedBeforeThereIsAnAnswer() {
        assertThat(SamplePlan.mayEnd(Votes.NONE, 3)).isEqualTo(2);
        assertThat(SamplePlan.mayEnd(votes(-1, -1), 1)).isZero();
        assertThat(SamplePlan.mayEnd(Votes.NONE, 0)).isZero();
        assertThat(SamplePlan.mayEnd(votes(-1, 4), 1)).isEqualTo(1);
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(
                        (Runnable) () -> new SamplePlan(new AllAtOnce(), 0), "budget of 0 samples: must be 1 to 1024"),
                Arguments.of((Runnable) () -> new SamplePlan(new AllAtOnce(), 1_025), "must be 1 to 1024"),
                Arguments.of((Runnable) () -> new OneByOne(0), "0 samples that agree: must be 1 to 1024"),
                Arguments.of((Runnable) () -> new OneByOne(1_025), "1 to 1024"),
                Arguments.of((Runnable) () -> new Waves(0, 1), "0 samples of a wave: must be 1 to 1024"),
                Arguments.of((Runnable) () -> new Waves(1_025, 1), "1 to 1024"),
                Arguments.of((Runnable) () -> new Waves(1, 0), "0 votes of lead: must be 1 to 1024"),
                Arguments.of((Runnable) () -> new Waves(1, 1_025), "1 to 1024"),
                Arguments.of(
                        (Runnable) () -> plan(new AllAtOnce()).toStart(Votes.NONE, -1),
                        "-1 samples run: must be at least 0"),
                Arguments.of((Runnable) () -> plan(new AllAtOnce()).isSettled(Votes.NONE, -1), "-1 samples run"),
                Arguments.of((Runnable) () -> plan(new AllAtOnce()).toEnd(Votes.NONE, -1), "-1 samples run"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void boundsAreHeld(Runnable refused, String message) {
        assertThatIllegalArgumentException().isThrownBy(refused::run).withMessageContaining(message);
    }

    /** Whatever answers are tried out for the samples to come: they lead to the same answer, or it is not decided. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void aVoteIsDecidedExactlyIfNoCompletionChangesIt(long seed) {
        Random random = new Random(seed);
        int decided = 0;
        for (int i = 0; i < 500; i++) {
            List<Integer> answers = new ArrayList<>();
            int ended = random.nextInt(6);
            for (int k = 0; k < ended; k++) {
                answers.add(random.nextInt(4) - 1);
            }
            int running = random.nextInt(3);
            int budget = 1 + random.nextInt(8);
            int more = Math.max(running, Math.min(budget - ended, 5));
            Votes votes =
                    VotesTest.of(answers.stream().mapToInt(Integer::intValue).toArray());
            SamplePlan plan = new SamplePlan(new AllAtOnce(), Math.max(1, Math.min(budget, ended + 5)));

            boolean same = leader(answers) >= 0 && isUnchangedBy(answers, more, leader(answers));
            assertThat(plan.isDecided(votes, running))
                    .as("%s and %d more", answers, more)
                    .isEqualTo(same);
            assertThat(votes.leading().orElse(-1)).isEqualTo(leader(answers));
            decided += same ? 1 : 0;
        }
        assertThat(decided).isBetween(50, 450);
    }

    private static boolean isUnchangedBy(List<Integer> answers, int more, int leader) {
        if (leader(answers) != leader && more == 0) {
            return false;
        }
        if (more == 0) {
            return true;
        }
        // Every answer that was given, one that was not, and none.
        for (int next = -1; next <= Collections.max(answers) + 1; next++) {
            answers.add(next);
            boolean unchanged = isUnchangedBy(answers, more - 1, leader);
            answers.remove(answers.size() - 1);
            if (!unchanged) {
                return false;
            }
        }
        return true;
    }

    /** The most frequent answer, by counting anew for every one; the first of equally frequent ones; -1 if there is none. */
    private static int leader(List<Integer> answers) {
        int leader = -1;
        for (int answer : answers) {
            if (answer >= 0
                    && (leader < 0
                            || Collections.frequency(answers, answer) > Collections.frequency(answers, leader))) {
                leader = answer;
            }
        }
        return leader;
    }

    /** Groups in life, beside a model that counts anew and tries every completion. The plan is asked after each end. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aGroupStartsAndSettlesAsTheModelDoes(long seed) {
        Random random = new Random(seed);
        int settledEarly = 0;
        for (int i = 0; i < 200; i++) {
            int budget = 1 + random.nextInt(7);
            Strategy strategy =
                    switch (random.nextInt(3)) {
                        case 0 -> new AllAtOnce();
                        case 1 -> new OneByOne(1 + random.nextInt(4));
                        default -> new Waves(1 + random.nextInt(4), 1 + random.nextInt(4));
                    };
            settledEarly += new Group(strategy, budget, random).run() < budget ? 1 : 0;
        }
        assertThat(settledEarly).isBetween(20, 180);
    }

    /** One prompt: its plan, and what the model knows. */
    private static final class Group {
        private final Strategy strategy;
        private final SamplePlan plan;
        private final Random random;
        private final List<Integer> answers = new ArrayList<>();
        private Votes votes = Votes.NONE;
        private int left;
        private int running;
        private int settledAs = -1;

        Group(Strategy strategy, int budget, Random random) {
            this.strategy = strategy;
            this.plan = new SamplePlan(strategy, budget);
            this.random = random;
            this.left = budget;
        }

        /** Lets what is settled run on, to see that nothing comes of it; returns how many samples started. */
        int run() {
            do {
                boolean settled = plan.isSettled(votes, running);
                assertThat(settled)
                        .as("%s: %s, %d run, %d left", strategy, answers, running, left)
                        .isEqualTo(isSettled());
                assertThat(settled || settledAs < 0)
                        .as("once settled, for ever")
                        .isTrue();
                if (settled && settledAs < 0) {
                    settledAs = leader(answers);
                }
                assertThat(plan.toEnd(votes, running)).isEqualTo(settled ? running : 0);
                int more = plan.toStart(votes, running);
                assertThat(more).isEqualTo(settled ? 0 : Math.min(left, wanted()));
                running += more;
                left -= more;
                if (running > 0) {
                    running--;
                    answers.add(random.nextInt(4) - 1);
                    votes = votes.plus(answers.get(answers.size() - 1));
                }
            } while (running > 0 || (!isSettled() && left > 0));
            assertThat(settledAs < 0 || settledAs == leader(answers))
                    .as("what was settled stays")
                    .isTrue();
            return answers.size();
        }

        private int wanted() {
            if (strategy instanceof AllAtOnce) {
                return left;
            }
            int width = strategy instanceof Waves waves ? waves.width() : 1;
            return running == 0 ? width : 0;
        }

        private boolean isSettled() {
            if (leader(answers) < 0) {
                return false;
            }
            if (isUnchangedBy(answers, running + left, leader(answers))) {
                return true;
            }
            if (strategy instanceof OneByOne one) {
                return Collections.frequency(answers, leader(answers)) >= one.agree();
            }
            return strategy instanceof Waves waves && leadsBy(answers, waves.lead(), running);
        }

        /** Whether the lead is at least this, however the running samples answer. */
        private static boolean leadsBy(List<Integer> answers, int lead, int running) {
            if (running == 0) {
                int leader = leader(answers);
                return answers.stream()
                                .filter(answer -> answer >= 0 && answer != leader)
                                .allMatch(answer ->
                                        Collections.frequency(answers, leader) - Collections.frequency(answers, answer)
                                                >= lead)
                        && Collections.frequency(answers, leader) >= lead;
            }
            return IntStream.rangeClosed(-1, Collections.max(answers) + 1).allMatch(next -> {
                answers.add(next);
                boolean leads = leadsBy(answers, lead, running - 1);
                answers.remove(answers.size() - 1);
                return leads;
            });
        }
    }
}
