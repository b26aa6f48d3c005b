package io.edistream.cli.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContrastTest {

    /**
     * By hand. Right answers are 1 to 10. Of the wrong ones nine are 5: above 1 to 4, and equal to 5, so each counts 4.5
     * of 10; one is 11, above all. That is (9 * 4.5 + 10) / 100.
     */
    @Test
    void countsPairsAndTiesHalf() {
        Contrast contrast = new Contrast();
        for (int i = 1; i <= 10; i++) {
            contrast.add(true, i);
        }
        Collections.nCopies(9, 5.0).forEach(value -> contrast.add(false, value));
        contrast.add(false, 11);
        assertThat(contrast.auroc()).hasValueCloseTo(0.505, within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void isTheShareOfPairsCountedOneByOne(long seed) {
        Random random = new Random(seed);
        List<Double> wrong = new ArrayList<>();
        List<Double> right = new ArrayList<>();
        Contrast contrast = new Contrast();
        for (int i = 0; i < 400; i++) {
            boolean correct = random.nextInt(3) > 0;
            // Few values, so that many are equal, and both signs.
            double value = random.nextInt(seed % 2 == 0 ? 9 : 100_000) - 4 + (correct ? 0 : 1);
            contrast.add(correct, value);
            (correct ? right : wrong).add(value);
        }
        double pairs = 0;
        for (double one : wrong) {
            for (double other : right) {
                pairs += one > other ? 1 : one == other ? 0.5 : 0;
            }
        }
        assertThat(contrast.auroc()).hasValueCloseTo(pairs / wrong.size() / right.size(), within(1e-12));
    }

    @Test
    void saysNothingAboutFewerThanTen() {
        Contrast contrast = new Contrast();
        for (int i = 0; i < 10; i++) {
            contrast.add(true, 0);
            assertThat(contrast.auroc()).isEmpty();
            contrast.add(false, 1);
            contrast.add(false, Double.NaN);
        }
        assertThat(contrast.auroc()).hasValue(1);
        assertThat(contrast.wrong()).isEqualTo(10);
        assertThat(contrast.right()).isEqualTo(10);
    }

    @Test
    void aPerfectSignalHasOneAndAReversedOneZero() {
        Contrast contrast = new Contrast();
        Contrast reversed = new Contrast();
        for (int i = 0; i < 20; i++) {
            contrast.add(i < 10, i);
            reversed.add(i < 10, -i);
        }
        assertThat(contrast.auroc()).hasValue(1);
        assertThat(reversed.auroc()).hasValue(0);
    }
}
