package io.edistream.benchmarks.waves;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.benchmarks.waves.GroupRun.Outcome;
import io.edistream.benchmarks.waves.Problem.Sample;
import io.edistream.signals.groups.SamplePlan;
import io.edistream.signals.groups.Strategy.AllAtOnce;
import io.edistream.signals.groups.Strategy.OneByOne;
import io.edistream.signals.groups.Strategy.Waves;
import java.util.List;
import org.junit.jupiter.api.Test;

class GroupRunTest {

    /** Answer 0 is right; 1 is wrong; -1 is none. */
    private static final Problem PROBLEM = new Problem(List.of(
            new Sample(0, true, 10), new Sample(1, false, 30), new Sample(-1, false, 20), new Sample(0, true, 40)));

    private static Outcome run(SamplePlan plan, boolean ends) {
        return GroupRun.of(PROBLEM, PROBLEM.samples(), plan, ends);
    }

    @Test
    void allAtOnceSpendsAllTokens() {
        assertThat(run(new SamplePlan(new AllAtOnce(), 4), false)).isEqualTo(new Outcome(100, true));
    }

    /** Ends come at 10, 20 and 30. Then it stands at one to one, and the last one decides. */
    @Test
    void whatRunsBesideCountsUpToTheDecision() {
        assertThat(run(new SamplePlan(new AllAtOnce(), 4), true)).isEqualTo(new Outcome(100, true));
        // With three: one to none at 20, and at 30 it is one to one, where the first leads: so nothing was left to
        // decide.
        assertThat(run(new SamplePlan(new AllAtOnce(), 3), true)).isEqualTo(new Outcome(10 + 20 + 20, true));
    }

    @Test
    void oneAfterAnotherStopsWhenEnoughAgree() {
        assertThat(run(new SamplePlan(new OneByOne(1), 4), true)).isEqualTo(new Outcome(10, true));
        assertThat(run(new SamplePlan(new OneByOne(2), 4), true)).isEqualTo(new Outcome(100, true));
    }

    @Test
    void theOrderIsThatOfTheStarts() {
        List<Sample> turned = List.of(
                PROBLEM.samples().get(1),
                PROBLEM.samples().get(0),
                PROBLEM.samples().get(3),
                PROBLEM.samples().get(2));
        assertThat(GroupRun.of(PROBLEM, turned, new SamplePlan(new OneByOne(1), 4), true))
                .isEqualTo(new Outcome(30, false));
        assertThat(GroupRun.of(PROBLEM, turned, new SamplePlan(new OneByOne(2), 4), true))
                .isEqualTo(new Outcome(80, true));
    }

    @Test
    void aWaveStartsWhenTheOneBeforeHasEnded() {
        // One to one after the first wave; the second brings a lead of one, and the budget is spent.
        assertThat(run(new SamplePlan(new Waves(2, 1), 4), true)).isEqualTo(new Outcome(100, true));
        // A lead of one after the first sample, which the second could undo; it ends at 30.
        assertThat(run(new SamplePlan(new Waves(2, 1), 2), true)).isEqualTo(new Outcome(20, true));
    }

    @Test
    void withoutAnAnswerNothingIsRight() {
        Problem problem = new Problem(List.of(new Sample(-1, false, 5), new Sample(-1, false, 6)));
        assertThat(GroupRun.of(problem, problem.samples(), new SamplePlan(new OneByOne(1), 2), true))
                .isEqualTo(new Outcome(11, false));
    }
}
