package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeadlinesTest {

    private final Deadlines deadlines = new Deadlines();

    @Test
    void fallsDueAfterItsTimeAndNotAtIt() {
        deadlines.add(1, 5, 100);
        assertThat(deadlines.due(1, 100)).isEmpty();
        deadlines.add(1, 6, 99);
        assertThat(deadlines.due(1, 100)).containsExactly(6L);
        assertThat(deadlines.due(1, 101)).containsExactly(5L);
        assertThat(deadlines.due(1, 101)).isEmpty();

        deadlines.add(1, 6, 200);
        deadlines.add(1, 7, 201);
        assertThat(deadlines.due(1, 201)).containsExactly(6L);
        assertThat(deadlines.all(1)).containsExactly(7L);
    }

    @Test
    void theDueOnesComeInTheOrderOfTheirCountersWhateverTheirTimes() {
        deadlines.add(1, 9, 10);
        deadlines.add(1, 3, 30);
        deadlines.add(1, 6, 20);
        deadlines.add(1, 1, 40);
        assertThat(deadlines.due(1, 31)).containsExactly(3L, 6L, 9L);
        assertThat(deadlines.all(1)).containsExactly(1L);
    }

    @Test
    void sourcesDoNotMeet() {
        deadlines.add(1, 5, 10);
        deadlines.add(2, 6, 10);
        assertThat(deadlines.due(3, Long.MAX_VALUE)).isEmpty();
        assertThat(deadlines.due(2, Long.MAX_VALUE)).containsExactly(6L);
        assertThat(deadlines.all(1)).containsExactly(5L);
        assertThat(deadlines.all(3)).isEmpty();
        deadlines.forget(1);
        assertThat(deadlines.all(1)).isEmpty();
    }

    @Test
    void entriesOfEndedSequencesAreSweptOutOnceTheyAreMany() {
        for (int counter = 0; counter < 1_024 + 20; counter++) {
            deadlines.add(1, counter, 10);
        }
        assertThat(deadlines.isStale(1, 10)).isFalse();
        deadlines.add(1, 5_000, 10);
        assertThat(deadlines.isStale(1, 10)).isTrue();
        assertThat(deadlines.isStale(1, 11)).isFalse();
        assertThat(deadlines.isStale(1, 0)).isTrue();
        assertThat(deadlines.isStale(2, 0)).isFalse();

        deadlines.sweep(1, counter -> counter == 3 || counter == 5_000);
        assertThat(deadlines.all(1)).containsExactly(3L, 5_000L);
        deadlines.sweep(1, counter -> false);
        assertThat(deadlines.isStale(1, 0)).isFalse();
        deadlines.sweep(2, counter -> true);
        assertThat(deadlines.all(2)).isEmpty();
    }

    @Test
    void aTimeAtTheEndOfItsTypeIsNeverPast() {
        deadlines.add(1, 5, Long.MAX_VALUE);
        assertThat(deadlines.due(1, Long.MAX_VALUE)).isEmpty();
    }
}
