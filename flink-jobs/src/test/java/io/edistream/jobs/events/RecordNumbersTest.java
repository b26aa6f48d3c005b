package io.edistream.jobs.events;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.SimpleCounter;
import org.junit.jupiter.api.Test;

class RecordNumbersTest {

    private final Counter missing = new SimpleCounter();
    private final RecordNumbers numbers = new RecordNumbers(missing);

    @Test
    void theFirstRecordStartsTheCount() {
        note(1, 500, 501, 502);
        assertThat(missing.getCount()).isZero();
    }

    @Test
    void everyHoleIsCounted() {
        note(1, 0, 1, 4, 5, 9);
        assertThat(missing.getCount()).isEqualTo(2 + 3);
    }

    @Test
    void generatorsHaveCountsOfTheirOwn() {
        note(1, 0);
        note(-2, 100);
        note(1, 1);
        note(-2, 102);
        assertThat(missing.getCount()).isEqualTo(1);
    }

    @Test
    void recordsThatAreReadAgainCountForNothing() {
        note(1, 0, 1, 2, 0, 1, 2, 3);
        assertThat(missing.getCount()).isZero();
        note(1, 5);
        assertThat(missing.getCount()).isEqualTo(1);
    }

    @Test
    void theGeneratorHeardOfLongestAgoIsForgottenForOneTooMany() {
        for (int generator = 0; generator < RecordNumbers.MAX_GENERATORS; generator++) {
            note(generator, 0);
        }
        note(0, 2);
        assertThat(missing.getCount()).as("all are known").isEqualTo(1);

        note(RecordNumbers.MAX_GENERATORS, 0);
        note(0, 4);
        assertThat(missing.getCount()).as("heard of lately").isEqualTo(2);
        note(1, 7);
        assertThat(missing.getCount()).as("forgotten").isEqualTo(2);
    }

    private void note(long generator, long... recordNumbers) {
        for (long number : recordNumbers) {
            numbers.note(generator, number);
        }
    }
}
