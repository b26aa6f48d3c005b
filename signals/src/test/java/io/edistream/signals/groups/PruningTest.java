package io.edistream.signals.groups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.signals.groups.Pruning.Progress;
import io.edistream.signals.groups.Pruning.State;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PruningTest {

    private static final Pruning ONE = new Pruning(1, .5);
    private static final Pruning TWO = new Pruning(2, .5);

    private static Progress running(int sample, int tokens, double badness) {
        return new Progress(sample, State.RUNNING, tokens, badness);
    }

    private static Progress finished(int sample, int tokens, double badness) {
        return new Progress(sample, State.FINISHED, tokens, badness);
    }

    private static Progress pruned(int sample, double badness) {
        return new Progress(sample, State.PRUNED, 50, badness);
    }

    @Test
    void theWeakestThatRunsEnds() {
        assertThat(ONE.toEnd(List.of(finished(0, 100, 1), running(1, 50, 3), running(2, 60, 2))))
                .containsExactly(1);
        assertThat(TWO.toEnd(List.of(
                        finished(0, 100, 1),
                        running(1, 50, 4),
                        running(2, 60, 2),
                        running(3, 60, 5),
                        running(4, 60, 3))))
                .containsExactly(3, 1);
    }

    @Test
    void ofEquallyWeakOnesTheHigherNumberIsWeaker() {
        assertThat(ONE.toEnd(List.of(finished(0, 100, 1), running(1, 50, 3), running(2, 50, 3))))
                .containsExactly(2);
    }

    @Test
    void noneEndsBeforeOneHasFinished() {
        assertThat(ONE.toEnd(List.of(running(0, 90, 1), running(1, 90, 2), running(2, 90, 3))))
                .isEmpty();
        assertThat(ONE.toEnd(List.of())).isEmpty();
    }

    @Test
    void allThatRunMustHaveTheShareOfTheUsualLength() {
        assertThat(ONE.toEnd(List.of(finished(0, 100, 1), running(1, 80, 3), running(2, 49, 2))))
                .isEmpty();
        assertThat(ONE.toEnd(List.of(finished(0, 100, 1), running(1, 80, 3), running(2, 50, 2))))
                .containsExactly(1);
        assertThat(new Pruning(1, 1).toEnd(List.of(finished(0, 100, 1), running(1, 100, 3), running(2, 99, 2))))
                .isEmpty();
    }

    @Test
    void theUsualLengthIsTheMedianOfThoseThatHaveFinished() {
        Progress first = running(5, 50, 9);
        Progress second = running(6, 50, 1);
        assertThat(ONE.toEnd(List.of(finished(0, 4, 1), finished(1, 100, 1), finished(2, 900, 1), first, second)))
                .containsExactly(5);
        assertThat(ONE.toEnd(List.of(finished(0, 4, 1), finished(1, 102, 1), finished(2, 900, 1), first, second)))
                .isEmpty();
        assertThat(ONE.toEnd(List.of(finished(0, 1, 1), finished(1, 199, 1), first, second)))
                .containsExactly(5);
        assertThat(ONE.toEnd(List.of(finished(0, 1, 1), finished(1, 200, 1), first, second)))
                .isEmpty();
    }

    @Test
    void lessThanHalfOfThoseThatAreComparedEnd() {
        assertThat(ONE.toEnd(List.of(finished(0, 100, 1), running(1, 80, 3)))).isEmpty();
        List<Progress> four = List.of(finished(0, 100, 1), running(1, 80, 3), running(2, 80, 2), running(3, 80, 4));
        assertThat(TWO.toEnd(four)).isEmpty();
        List<Progress> five = new ArrayList<>(four);
        five.add(running(4, 80, Double.NaN));
        assertThat(TWO.toEnd(five)).as("one of them is not measured").isEmpty();
        five.add(running(5, 80, 0));
        assertThat(TWO.toEnd(five)).containsExactly(3, 1);
    }

    @Test
    void whatHasFinishedIsComparedAndDoesNotEnd() {
        assertThat(ONE.toEnd(List.of(finished(0, 100, 4), running(1, 80, 3), running(2, 80, 2))))
                .isEmpty();
        assertThat(TWO.toEnd(List.of(
                        finished(0, 100, 4),
                        running(1, 80, 3),
                        running(2, 80, 2),
                        running(3, 80, 1),
                        running(4, 80, 0))))
                .containsExactly(1);
    }

    @Test
    void theLastThatRunsGoesOn() {
        assertThat(ONE.toEnd(List.of(finished(0, 100, 1), finished(1, 100, 1), running(2, 80, 3))))
                .isEmpty();
        assertThat(TWO.toEnd(List.of(
                        finished(0, 100, 1),
                        finished(1, 100, 1),
                        finished(2, 100, 1),
                        running(3, 80, 3),
                        running(4, 80, 4))))
                .containsExactly(4);
    }

    @Test
    void thoseThatWereEndedCount() {
        assertThat(ONE.toEnd(List.of(finished(0, 100, 1), pruned(1, 2), running(2, 80, 3), running(3, 80, 4))))
                .isEmpty();
        assertThat(TWO.toEnd(List.of(
                        finished(0, 100, 1), pruned(1, 9), running(2, 80, 3), running(3, 80, 4), finished(4, 100, 1))))
                .containsExactly(3);
    }

    /** Whatever the lengths and scores, asked again after every token and end. */
    @Test
    void boundsHoldInAnyOrder() {
        int ended = 0;
        for (int seed = 0; seed < 1_000; seed++) {
            Random random = new Random(seed);
            int samples = 1 + random.nextInt(9);
            Pruning pruning = new Pruning(1 + random.nextInt(2), .1 + .9 * random.nextDouble());
            List<Progress> now = new ArrayList<>();
            List<Integer> lengths = new ArrayList<>();
            for (int i = 0; i < samples; i++) {
                now.add(running(i, 0, Double.NaN));
                lengths.add(1 + random.nextInt(30));
            }
            Set<Integer> pruned = new HashSet<>();
            while (now.stream().anyMatch(one -> one.state() == State.RUNNING)) {
                int which = random.nextInt(samples);
                Progress one = now.get(which);
                if (one.state() != State.RUNNING) {
                    continue;
                }
                int tokens = one.tokens() + 1;
                now.set(
                        which,
                        new Progress(
                                which,
                                tokens == lengths.get(which) ? State.FINISHED : State.RUNNING,
                                tokens,
                                random.nextInt(9) == 0 ? Double.NaN : random.nextInt(5)));
                List<Integer> toEnd = pruning.toEnd(now);
                for (int end : toEnd) {
                    Progress weak = now.get(end);
                    assertThat(weak.state()).as("seed %d", seed).isEqualTo(State.RUNNING);
                    now.set(end, new Progress(end, State.PRUNED, weak.tokens(), weak.badness()));
                    assertThat(pruned.add(end)).isTrue();
                }
                if (!toEnd.isEmpty()) {
                    assertThat(now).as("seed %d", seed).anyMatch(other -> other.state() == State.RUNNING);
                    assertThat(now).as("seed %d", seed).anyMatch(other -> other.state() == State.FINISHED);
                }
            }
            assertThat(pruned.size()).as("seed %d", seed).isLessThanOrEqualTo(pruning.weakest());
            assertThat(2 * pruned.size()).as("seed %d", seed).isLessThan(samples);
            ended += pruned.size();
        }
        assertThat(ended).as("it happens").isGreaterThan(100);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void asManyAsItMayBe(int weakest) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Pruning(weakest, .5))
                .withMessage(weakest + " weakest samples: must be 1 to 2");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -.1, 1.01, Double.NaN})
    void aShareIsAShare(double at) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Pruning(1, at))
                .withMessageContaining("must be above 0 and at most 1");
    }
}
